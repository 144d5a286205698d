/*
 * The least that the kernel lets a server pay for taking RTMP streams in: answers what a publisher
 * asks for before it begins to send, then reads into one buffer and forgets.
 *
 *   intake PORT [EVERY_MS]
 *
 * Reads what has come every so many milliseconds, or at once: who reads at once pays for every
 * piece that a publisher writes.
 *
 * Says "publishing=N" for each one more, and runs until it is killed. It knows what FFmpeg sends
 * and nothing else. Loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_LIMIT 16384

/* What has come before the stream begins, and how far it is answered. */
struct publisher {
    int fd;
    enum { HANDSHAKE, CONNECT, CREATE, PUBLISH, LIVE } state;
    size_t filled, seen;
    uint8_t head[HEAD_LIMIT];
};

static uint8_t taken[1 << 18];

static void say(struct publisher *p, const void *bytes, size_t n) {
    if (send(p->fd, bytes, n, MSG_NOSIGNAL) != (ssize_t) n) p->filled = HEAD_LIMIT;
}

/* A command on chunk stream 3 in one chunk: its AMF0 body is shorter than the default 128 bytes. */
static void command(struct publisher *p, const void *body, size_t n) {
    uint8_t out[256] = {3, 0, 0, 0, 0, n >> 8, n, 20};
    memcpy(out + 12, body, n);
    say(p, out, 12 + n);
}

/* Whether a text has come; what was before it is not looked at again. */
static int came(struct publisher *p, const char *text) {
    uint8_t *at = memmem(p->head + p->seen, p->filled - p->seen, text, strlen(text));
    if (at) p->seen = at - p->head + strlen(text);
    return at != NULL;
}

#define TEXT(s) s, sizeof s - 1

static void answer(struct publisher *p) {
    static int publishing;
    if (p->state == HANDSHAKE && p->filled >= 1537) {
        uint8_t reply[3073] = {3};
        memcpy(reply + 1537, p->head + 1, 1536);
        say(p, reply, sizeof reply);
        p->seen = 1537;
        p->state = CONNECT;
    }
    if (p->state == CONNECT && p->filled >= 3073 && came(p, "connect")) {
        command(p, TEXT("\2\0\7_result\0\x3f\xf0\0\0\0\0\0\0\3\0\0\x9\3\0\4" "code\2\0\x1d"
                        "NetConnection.Connect.Success\0\0\x9"));
        p->state = CREATE;
    }
    if (p->state == CREATE && came(p, "createStream")) {
        /* The number of the call as it came, then stream 1. */
        uint8_t reply[] = "\2\0\7_result\0........\5\0\x3f\xf0\0\0\0\0\0\0";
        memcpy(reply + 11, p->head + p->seen + 1, 8);
        command(p, reply, sizeof reply - 1);
        p->state = PUBLISH;
    }
    if (p->state == PUBLISH && came(p, "publish")) {
        command(p, TEXT("\2\0\10onStatus\0\0\0\0\0\0\0\0\0\5\3\0\5level\2\0\6status\0\4" "code\2\0\x17"
                        "NetStream.Publish.Start\0\0\x9"));
        p->state = LIVE;
        printf("publishing=%d\n", ++publishing);
        fflush(stdout);
    }
}

static int readable(struct publisher *p) {
    if (p->state == LIVE) return recv(p->fd, taken, sizeof taken, 0) > 0;
    ssize_t n = recv(p->fd, p->head + p->filled, HEAD_LIMIT - p->filled, 0);
    if (n <= 0) return 0;
    p->filled += n;
    answer(p);
    return p->filled < HEAD_LIMIT;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: intake PORT [EVERY_MS]\n");
        return 2;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, epoll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *) &address, sizeof address) || listen(listener, 4096)) {
        perror("intake: bind");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    printf("listening\n");
    fflush(stdout);
    int every = argc > 2 ? atoi(argv[2]) : 0;
    for (;;) {
        struct epoll_event events[512];
        if (every > 0) usleep(every * 1000);
        int n = epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < n; i++) {
            struct publisher *p = events[i].data.ptr;
            if (!p) {
                p = calloc(1, sizeof *p);
                p->fd = accept(listener, NULL, NULL);
                setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                event.data.ptr = p;
                epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &event);
            } else if (!readable(p)) {
                close(p->fd);
                free(p);
            }
        }
    }
}
