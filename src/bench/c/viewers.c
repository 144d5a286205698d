/*
 * Many cheap viewers of one live stream: connects N times by RTMP, HTTP-FLV, HTTP-TS or to a
 * server that just sends ("raw"), throws away what comes without copying it, and tells how many
 * were served, how many bytes came, who stalled (no byte for 3 s) and how long it took from
 * connect to the first byte of a key frame.
 *
 *   viewers rtmp|flv|ts|raw PORT PATH VIEWERS SECONDS [PROBES [SERVER]]
 *
 * PATH is app/name for rtmp and the HTTP path for flv and ts. PROBES more viewers come one after
 * the other when all others are there; their join times are told apart. SERVER is a process, whose
 * CPU is taken while all are there: then all stay until this is killed, so that what their leaving
 * costs is not counted with what was delivered. Loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_LIMIT (4 << 20)
#define STALL_S 3.0
#define SETTLE_S 2.0 /* what so many joins at once set off in a server comes to its end */

enum kind { RTMP, FLV, TS, RAW };
enum state { CONNECTING, HANDSHAKE, HEADER, PLAYING, GONE };

struct stream { /* an RTMP chunk stream */
    uint32_t length, got, timestamp;
    uint8_t type, first[2];
};

struct viewer {
    int fd;
    enum state state;
    int probe, joined, stalled;
    double started, joined_at, last;
    uint64_t bytes, acknowledged;
    uint8_t *head; /* bytes not parsed yet, until the first key frame was seen */
    size_t filled;
    uint32_t chunk_size;
    struct stream streams[64];
};

static enum kind kind;
static int port;
static const char *path;
static int epoll;
static uint8_t handshake[1537];

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double now(void) {
    return seconds(CLOCK_MONOTONIC);
}

static void gone(struct viewer *v) {
    if (v->state == GONE) return;
    close(v->fd);
    free(v->head);
    v->head = NULL;
    v->state = GONE;
}

static void say(struct viewer *v, const void *bytes, size_t n) {
    if (send(v->fd, bytes, n, MSG_NOSIGNAL) != (ssize_t) n) gone(v);
}

/* -- RTMP commands: AMF0, chunk stream 3, one chunk (the default chunk size is 128) -- */

static uint8_t *amf_string(uint8_t *p, const char *s) {
    size_t n = strlen(s);
    *p++ = 2;
    *p++ = n >> 8;
    *p++ = n;
    memcpy(p, s, n);
    return p + n;
}

static uint8_t *amf_key(uint8_t *p, const char *s) {
    size_t n = strlen(s);
    *p++ = n >> 8;
    *p++ = n;
    memcpy(p, s, n);
    return p + n;
}

static uint8_t *amf_number(uint8_t *p, double d) {
    uint64_t bits;
    memcpy(&bits, &d, 8);
    *p++ = 0;
    for (int i = 7; i >= 0; i--) *p++ = bits >> (8 * i);
    return p;
}

static void command(struct viewer *v, int type, uint32_t stream, const uint8_t *body, size_t n) {
    uint8_t out[2048], *p = out;
    *p++ = 3;
    *p++ = 0, *p++ = 0, *p++ = 0;
    *p++ = n >> 16, *p++ = n >> 8, *p++ = n;
    *p++ = type;
    *p++ = stream, *p++ = stream >> 8, *p++ = stream >> 16, *p++ = stream >> 24;
    for (size_t at = 0; at < n; at += 128) {
        if (at) *p++ = 0xC3;
        size_t part = n - at < 128 ? n - at : 128;
        memcpy(p, body + at, part);
        p += part;
    }
    say(v, out, p - out);
}

static void rtmp_play(struct viewer *v) {
    char app[256], url[512];
    const char *slash = strchr(path, '/');
    snprintf(app, sizeof app, "%.*s", (int) (slash - path), path);
    snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/%s", port, app);
    uint8_t body[1024], *p = amf_string(body, "connect");
    p = amf_number(p, 1);
    *p++ = 3;
    p = amf_key(p, "app"), p = amf_string(p, app);
    p = amf_key(p, "tcUrl"), p = amf_string(p, url);
    p = amf_key(p, "flashVer"), p = amf_string(p, "LNX 9,0,124,2");
    *p++ = 0, *p++ = 0, *p++ = 9;
    command(v, 20, 0, body, p - body);
    p = amf_string(body, "createStream");
    p = amf_number(p, 2);
    *p++ = 5;
    command(v, 20, 0, body, p - body);
    p = amf_string(body, "play");
    p = amf_number(p, 3);
    *p++ = 5;
    p = amf_string(p, slash + 1);
    command(v, 20, 1, body, p - body);
}

/* Looks for a video message whose first byte says key frame. Returns bytes used. */
static size_t rtmp_parse(struct viewer *v, const uint8_t *b, size_t n) {
    size_t used = 0;
    while (!v->joined) {
        const uint8_t *p = b + used, *end = b + n;
        if (end - p < 1) break;
        int fmt = *p >> 6, id = *p & 63;
        p++;
        if (id == 0 || id == 1) {
            if (end - p < 2 - (id == 0)) break;
            p += id == 0 ? 1 : 2;
            id = 1;
        }
        struct stream *s = &v->streams[id];
        static const int lengths[] = {11, 7, 3, 0};
        if (end - p < lengths[fmt]) break;
        uint32_t ts = s->timestamp, length = s->length;
        uint8_t type = s->type;
        if (fmt < 3) ts = p[0] << 16 | p[1] << 8 | p[2];
        if (fmt < 2) length = p[3] << 16 | p[4] << 8 | p[5], type = p[6];
        p += lengths[fmt];
        if (ts == 0xFFFFFF) {
            if (end - p < 4) break;
            p += 4;
        }
        uint32_t got = s->got, part = length - got;
        if (part > v->chunk_size) part = v->chunk_size;
        if ((size_t) (end - p) < part) break;
        s->timestamp = ts, s->length = length, s->type = type;
        for (uint32_t i = 0; i < part && got + i < 2; i++) s->first[got + i] = p[i];
        s->got = got + part;
        if (type == 1 && part >= 4) v->chunk_size = p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
        if (type == 9 && s->got >= 2 && (s->first[0] >> 4 & 7) == 1 && s->first[1] != 0) {
            v->joined = 1;
        }
        if (s->got == length) s->got = 0;
        used = p + part - b;
    }
    return used;
}

/* FLV tags after the HTTP head. */
static size_t flv_parse(struct viewer *v, const uint8_t *b, size_t n) {
    size_t used = 0;
    if (v->state == HEADER) {
        if (n < 13) return 0;
        used = 13;
        v->state = PLAYING;
    }
    while (!v->joined && n - used >= 13) {
        const uint8_t *p = b + used;
        size_t length = p[1] << 16 | p[2] << 8 | p[3];
        if (p[0] == 9 && (p[11] >> 4 & 7) == 1 && p[12] != 0) v->joined = 1;
        if (n - used < 11 + length + 4) break;
        used += 11 + length + 4;
    }
    return used;
}

static size_t ts_parse(struct viewer *v, const uint8_t *b, size_t n) {
    size_t used = 0;
    for (; !v->joined && n - used >= 188; used += 188) {
        const uint8_t *p = b + used;
        if (p[0] == 0x47 && (p[3] & 0x20) && p[4] > 0 && (p[5] & 0x40)) v->joined = 1;
    }
    return used;
}

static void joined(struct viewer *v, double t) {
    v->joined_at = t;
    v->state = PLAYING;
    free(v->head);
    v->head = NULL;
}

/* Parses what has come until the first key frame. */
static void parse(struct viewer *v, double t) {
    size_t used = 0;
    if (kind == RTMP && v->state == HANDSHAKE) {
        if (v->filled < 3073) return;
        say(v, v->head + 1, 1536);
        if (v->state == GONE) return;
        rtmp_play(v);
        if (v->state == GONE) return;
        used = 3073;
        v->state = PLAYING;
    } else if (kind != RTMP && v->state == HANDSHAKE) {
        uint8_t *end = memmem(v->head, v->filled, "\r\n\r\n", 4);
        if (!end) return;
        if (memcmp(v->head, "HTTP/1.1 200", 12) && memcmp(v->head, "HTTP/1.0 200", 12)) {
            gone(v);
            return;
        }
        used = end + 4 - v->head;
        v->state = kind == FLV ? HEADER : PLAYING;
    }
    const uint8_t *b = v->head + used;
    size_t n = v->filled - used;
    used += kind == RTMP ? rtmp_parse(v, b, n)
            : kind == FLV ? flv_parse(v, b, n)
                          : ts_parse(v, b, n);
    if (v->joined) {
        joined(v, t);
        return;
    }
    memmove(v->head, v->head + used, v->filled - used);
    v->filled -= used;
    if (v->filled == HEAD_LIMIT) gone(v);
}

static void readable(struct viewer *v) {
    double t = now();
    for (;;) {
        ssize_t n;
        if (v->head) {
            n = recv(v->fd, v->head + v->filled, HEAD_LIMIT - v->filled, MSG_DONTWAIT);
        } else {
            n = recv(v->fd, NULL, 1 << 20, MSG_DONTWAIT | MSG_TRUNC);
        }
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            gone(v);
            return;
        }
        if (n < 0) return;
        v->bytes += n;
        v->last = t;
        if (v->head) {
            v->filled += n;
            parse(v, t);
            if (v->state == GONE) return;
        }
        if (kind == RTMP && v->bytes - v->acknowledged > 1000000) {
            uint8_t ack[16] = {2, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, v->bytes >> 24, v->bytes >> 16,
                               v->bytes >> 8, v->bytes};
            v->acknowledged = v->bytes;
            say(v, ack, sizeof ack);
            if (v->state == GONE) return;
        }
        if (!v->head) return;
    }
}

static void begin(struct viewer *v) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int on = 1; /* commands are small and wait for nothing */
    setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    v->started = v->last = now();
    v->chunk_size = 128;
    v->head = kind == RAW ? NULL : malloc(HEAD_LIMIT);
    if (v->fd < 0 || (connect(v->fd, (struct sockaddr *) &address, sizeof address) < 0 &&
                      errno != EINPROGRESS)) {
        perror("viewers: connect");
        exit(1);
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = v};
    epoll_ctl(epoll, EPOLL_CTL_ADD, v->fd, &event);
}

static void connected(struct viewer *v) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) {
        gone(v);
        return;
    }
    v->state = kind == RAW ? PLAYING : HANDSHAKE;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = v};
    epoll_ctl(epoll, EPOLL_CTL_MOD, v->fd, &event);
    if (kind == RTMP) {
        say(v, handshake, sizeof handshake);
    } else if (kind != RAW) {
        char request[512];
        int n = snprintf(request, sizeof request,
                         "GET /%s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: viewers\r\n\r\n", path);
        say(v, request, n);
    }
}

static void turn(int timeout_ms) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct viewer *v = events[i].data.ptr;
        if (v->state == CONNECTING) {
            connected(v);
        } else if (v->state != GONE) {
            readable(v);
        }
    }
}

static int ascending(const void *a, const void *b) {
    double d = *(const double *) a - *(const double *) b;
    return d < 0 ? -1 : d > 0;
}

static void times(const char *name, struct viewer *v, int n) {
    double *t = calloc(n + 1, sizeof *t);
    int k = 0;
    for (int i = 0; i < n; i++) {
        if (v[i].joined) t[k++] = (v[i].joined_at - v[i].started) * 1e3;
    }
    qsort(t, k, sizeof *t, ascending);
    if (k) printf(" %s_ms_p50=%.1f %s_ms_p99=%.1f", name, t[k / 2], name, t[(int) (k * 0.99)]);
    free(t);
}

int main(int argc, char **argv) {
    if (argc < 6 || argc > 8) {
        fprintf(stderr, "usage: viewers rtmp|flv|ts|raw PORT PATH VIEWERS SECONDS [PROBES [SERVER]]\n");
        return 2;
    }
    kind = !strcmp(argv[1], "rtmp") ? RTMP : !strcmp(argv[1], "flv") ? FLV
           : !strcmp(argv[1], "ts") ? TS : RAW;
    port = atoi(argv[2]);
    path = argv[3];
    int count = atoi(argv[4]), run = atoi(argv[5]), probes = argc > 6 ? atoi(argv[6]) : 0;
    clockid_t server = CLOCK_REALTIME;
    if (argc > 7 && clock_getcpuclockid(atoi(argv[7]), &server)) {
        fprintf(stderr, "viewers: there is no process %s\n", argv[7]);
        return 2;
    }
    if (count < 1 || count > 20000 || run < 1 || run > 900 || probes < 0 || probes > 1000 ||
        (kind == RTMP && !strchr(path, '/'))) {
        fprintf(stderr, "viewers: an argument is out of range\n");
        return 2;
    }
    struct rlimit files = {count + probes + 64, count + probes + 64};
    setrlimit(RLIMIT_NOFILE, &files);
    handshake[0] = 3;
    for (int i = 9; i < 1537; i++) handshake[i] = i * 7;
    epoll = epoll_create1(0);
    int all = count + probes;
    struct viewer *v = calloc(all, sizeof *v);
    for (int i = 0; i < count; i++) {
        begin(&v[i]);
        if (i % 32 == 31) turn(1);
    }
    double deadline = now() + 20;
    for (;;) {
        int waiting = 0;
        for (int i = 0; i < count; i++) {
            waiting += kind == RAW ? v[i].state == CONNECTING : v[i].state != GONE && !v[i].joined;
        }
        if (!waiting || now() > deadline) break;
        turn(10);
    }
    double settled_at = now() + (argc > 7 ? SETTLE_S : 0);
    while (now() < settled_at) turn(10);
    printf("established\n");
    fflush(stdout);
    double begin_at = now(), end_at = begin_at + run, next_probe = begin_at + 0.5;
    double cpu = seconds(server);
    uint64_t before = 0;
    for (int i = 0; i < count; i++) before += v[i].bytes, v[i].last = begin_at;
    int probing = 0;
    while (now() < end_at) {
        turn(10);
        double t = now();
        if (probing < probes && t >= next_probe) {
            v[count + probing].probe = 1;
            begin(&v[count + probing++]);
            next_probe = t + (run - 1.0) / (probes + 1);
        }
        for (int i = 0; i < count; i++) {
            if (v[i].state == PLAYING && t - v[i].last > STALL_S) v[i].stalled = 1;
        }
    }
    cpu = seconds(server) - cpu;
    uint64_t bytes = 0;
    int playing = 0, stalled = 0;
    for (int i = 0; i < count; i++) {
        bytes += v[i].bytes;
        playing += v[i].state == PLAYING && v[i].bytes > 0;
        stalled += v[i].stalled;
    }
    uint64_t delivered = bytes - before;
    for (int i = count; i < all; i++) delivered += v[i].bytes;
    printf("viewers=%d playing=%d stalled=%d bytes=%lu seconds=%d mbit_per_viewer=%.3f", count, playing,
           stalled, (unsigned long) delivered, run, (bytes - before) * 8e-6 / run / count);
    if (argc > 7) printf(" cpu_s=%.4f", cpu);
    times("join", v, count);
    times("probe", v + count, probes);
    printf("\n");
    fflush(stdout);
    if (argc > 7) pause();
    return playing == count ? 0 : 1;
}
