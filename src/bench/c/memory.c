/*
 * The least that the kernel lets anyone pay for answering HTTP requests from memory: one file, read
 * once, sent by writev to whoever asks for whatever.
 *
 *   memory PORT FILE
 *
 * Runs until it is killed. It knows what wrk sends and nothing else. Loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define HEAD_LIMIT 4096

struct client {
    int fd;
    size_t filled, left; /* bytes of a request, bytes of an answer that wait */
    char head[HEAD_LIMIT];
};

static char *answer;
static size_t head_size, size;
static int epoll;

/* Whether the connection goes on. */
static int write_on(struct client *c) {
    while (c->left > 0) {
        size_t done = head_size + size - c->left;
        struct iovec io[2] = {{answer + done, head_size > done ? head_size - done : 0},
                              {answer + (done > head_size ? done : head_size), 0}};
        io[1].iov_len = c->left - io[0].iov_len;
        ssize_t n = writev(c->fd, io, 2);
        if (n <= 0) return 1; /* it says when there is room */
        c->left -= n;
    }
    return 1;
}

static int readable(struct client *c) {
    ssize_t n = recv(c->fd, c->head + c->filled, HEAD_LIMIT - c->filled, MSG_DONTWAIT);
    if (n <= 0) return 0;
    c->filled += n;
    if (memmem(c->head, c->filled, "\r\n\r\n", 4)) {
        c->filled = 0;
        c->left = head_size + size;
        return write_on(c);
    }
    return c->filled < HEAD_LIMIT;
}

int main(int argc, char **argv) {
    struct stat st;
    FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (!file || fstat(fileno(file), &st) || st.st_size > 64 << 20) {
        fprintf(stderr, "usage: memory PORT FILE (at most 64 MiB)\n");
        return 2;
    }
    size = st.st_size;
    answer = malloc(size + 512);
    head_size = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n"
                                "Content-Length: %zu\r\n\r\n", size);
    if (fread(answer + head_size, 1, size, file) != size) return 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    epoll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *) &address, sizeof address) || listen(listener, 4096)) {
        perror("memory: bind");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    printf("listening\n");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[512];
        int n = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (!c) {
                c = calloc(1, sizeof *c);
                c->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                event.events = EPOLLIN | EPOLLOUT | EPOLLET;
                event.data.ptr = c;
                epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
                continue;
            }
            int stays = 1;
            if (events[i].events & EPOLLIN) stays = readable(c);
            if (stays && c->left > 0) stays = write_on(c);
            if (!stays || events[i].events & (EPOLLERR | EPOLLHUP)) {
                close(c->fd);
                free(c);
            }
        }
    }
}
