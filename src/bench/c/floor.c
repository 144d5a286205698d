/*
 * The least that the kernel lets a server pay for fan-out: one shared buffer written to N sockets
 * by plain writev at a fixed cadence. Listens on loopback, waits for N connections, reads what
 * they send until they are quiet, writes for some seconds, prints what it cost.
 *
 *   floor PORT VIEWERS BITS_PER_SECOND WRITE_EVERY_MS SECONDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: floor PORT VIEWERS BITS_PER_SECOND WRITE_EVERY_MS SECONDS\n");
        return 2;
    }
    int port = atoi(argv[1]), viewers = atoi(argv[2]), every = atoi(argv[4]), run = atoi(argv[5]);
    long rate = atol(argv[3]);
    size_t size = (size_t) (rate / 8 * every / 1000);
    if (viewers < 1 || viewers > 20000 || size < 1 || size > (64 << 20) || run < 1 || run > 600) {
        fprintf(stderr, "floor: an argument is out of range\n");
        return 2;
    }
    char *buffer = malloc(size);
    memset(buffer, 0x47, size);
    int *sockets = calloc(viewers, sizeof(int));
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *) &address, sizeof address) || listen(listener, 4096)) {
        perror("floor: bind");
        return 1;
    }
    printf("listening\n");
    fflush(stdout);
    for (int i = 0; i < viewers; i++) {
        sockets[i] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (sockets[i] < 0) {
            perror("floor: accept");
            return 1;
        }
        setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    sleep(1);
    double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    long sent = 0, writes = 0, partial = 0;
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    while (seconds(CLOCK_MONOTONIC) - begin < run) {
        for (int i = 0; i < viewers; i++) {
            struct iovec io = {buffer, size};
            ssize_t n = writev(sockets[i], &io, 1);
            writes++;
            if (n > 0) sent += n;
            if (n != (ssize_t) size) partial++;
        }
        next.tv_nsec += every * 1000000L;
        while (next.tv_nsec >= 1000000000L) {
            next.tv_nsec -= 1000000000L;
            next.tv_sec++;
        }
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("cpu_s=%.3f bytes=%ld cpu_s_per_gb=%.3f writes=%ld partial=%ld\n", cpu, sent,
           cpu / (sent / 1e9), writes, partial);
    return 0;
}
