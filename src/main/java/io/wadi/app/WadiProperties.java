package io.wadi.app;

import io.wadi.http.TrustedProxies;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Every setting of the server. Defaults stand here and nowhere else; each record refuses what the
 * server could not run with. Described for operators in {@code docs/CONFIGURATION.md}.
 */
@ConfigurationProperties("wadi")
public record WadiProperties(
        @DefaultValue Config config,
        @DefaultValue Http http,
        @DefaultValue Listeners listeners,
        @DefaultValue Routes routes,
        @DefaultValue Streams streams,
        @DefaultValue Slates slates,
        @DefaultValue Watermarks watermarks,
        @DefaultValue Data data,
        @DefaultValue Storage storage,
        @DefaultValue Manager manager,
        @DefaultValue Transcoder transcoder,
        @DefaultValue Publisher publisher,
        @DefaultValue Buffer buffer,
        @DefaultValue Log log,
        @DefaultValue Metrics metrics) {

    /**
     * The operator's file.
     *
     * @param file read at the start, and written when settings are changed through the API
     */
    public record Config(@DefaultValue("config.yaml") Path file) {
        public Config {
            requireDir("file", file);
        }
    }

    /**
     * The port of the API, the page and all media that travels over HTTP.
     *
     * @param trustedProxies addresses and networks whose X-Forwarded-For is believed
     * @param headerTimeout in which the head of a request must be there; a bare number is seconds
     */
    public record Http(
            @DefaultValue("0.0.0.0") String host,
            @DefaultValue("8080") int port,
            @DefaultValue List<String> trustedProxies,
            @DefaultValue("10s") @DurationUnit(ChronoUnit.SECONDS) Duration headerTimeout) {
        private static final Duration SHORTEST = Duration.ofMillis(100);

        /** Idle connections are closed after as long. */
        private static final Duration LONGEST = Duration.ofSeconds(60);

        public Http {
            requireHost("host", host);
            requirePort("port", port);
            if (headerTimeout.compareTo(SHORTEST) < 0 || headerTimeout.compareTo(LONGEST) > 0) {
                throw new ConfigException("header-timeout", headerTimeout, "100ms to 60s");
            }
            trustedProxies = List.copyOf(trustedProxies);
            try {
                TrustedProxies.of(trustedProxies);
            } catch (IllegalArgumentException e) {
                throw new ConfigException("trusted-proxies", e.getMessage());
            }
        }
    }

    /** One shared port a protocol, for publishers and players alike. */
    public record Listeners(
            @DefaultValue Rtmp rtmp, @DefaultValue Rtsp rtsp, @DefaultValue Srt srt) {}

    /**
     * RTMP over TCP.
     *
     * @param receiveLatency how long a publisher's media may wait before it is read; a bare number
     *     is milliseconds
     */
    public record Rtmp(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("0.0.0.0") String listenHost,
            @DefaultValue("1935") int port,
            @DefaultValue("0ms") Duration receiveLatency) {
        private static final Duration LONGEST = Duration.ofMillis(500);

        public Rtmp {
            requireHost("listen-host", listenHost);
            requirePort("port", port);
            if (receiveLatency.isNegative() || receiveLatency.compareTo(LONGEST) > 0) {
                throw new ConfigException(
                        "receive-latency", receiveLatency, "0ms to 500ms, for example 100ms");
            }
        }
    }

    /** RTSP over TCP. */
    public record Rtsp(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("0.0.0.0") String listenHost,
            @DefaultValue("8554") int port) {
        public Rtsp {
            requireHost("listen-host", listenHost);
            requirePort("port", port);
        }
    }

    /** SRT over UDP. */
    public record Srt(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("0.0.0.0") String listenHost,
            @DefaultValue("9999") int port) {
        public Srt {
            requireHost("listen-host", listenHost);
            requirePort("port", port);
        }
    }

    /** Where the route templates and the API's routes are. */
    public record Routes(@DefaultValue("routes") Path dir) {
        public Routes {
            requireDir("dir", dir);
        }
    }

    /** Where the streams are, one YAML file each. */
    public record Streams(@DefaultValue("routes/streams") Path dir) {
        public Streams {
            requireDir("dir", dir);
        }
    }

    /** Where films and pictures are that may be on air while no input is fit. */
    public record Slates(@DefaultValue("slates") Path dir) {
        public Slates {
            requireDir("dir", dir);
        }
    }

    /** Where pictures are that watermarks name by their id; uploads are kept there. */
    public record Watermarks(@DefaultValue("watermarks") Path dir) {
        public Watermarks {
            requireDir("dir", dir);
        }
    }

    /** What the server itself writes: recordings, spooled segments, extracted programs. */
    public record Data(@DefaultValue("data") Path dir) {
        public Data {
            requireDir("dir", dir);
        }
    }

    /** Which store keeps the streams. */
    public record Storage(@DefaultValue("yaml") StorageDriver driver) {}

    /** The stores that this version has. */
    public enum StorageDriver {
        YAML
    }

    /** Watches the inputs. A bare number is seconds. */
    public record Manager(
            @DefaultValue("30s") @DurationUnit(ChronoUnit.SECONDS) Duration inputPacketTimeout) {
        /** Shorter than this, the gap between two key pictures would look like a dead input. */
        private static final Duration SHORTEST = Duration.ofMillis(100);

        public Manager {
            if (inputPacketTimeout.compareTo(SHORTEST) < 0) {
                throw new ConfigException(
                        "input-packet-timeout",
                        inputPacketTimeout,
                        "at least 100ms, for example 30s");
            }
        }
    }

    /**
     * FFmpeg.
     *
     * @param ffmpegPath the program; empty looks on the PATH, then takes the one in the jar
     */
    public record Transcoder(
            @DefaultValue("") String ffmpegPath,
            @DefaultValue("4") int maxWorkers,
            @DefaultValue("5") int maxRestarts) {
        public Transcoder {
            requireRange("max-workers", maxWorkers, 1, 1024);
            requireRange("max-restarts", maxRestarts, 0, 1_000_000);
        }
    }

    /**
     * How viewers are served.
     *
     * @param sendLatency how long media for endless connections (RTMP, HTTP-TS, HTTP-FLV) is
     *     gathered before it is written; a bare number is milliseconds
     */
    public record Publisher(
            @DefaultValue Packaging hls,
            @DefaultValue Packaging dash,
            @DefaultValue("30ms") Duration sendLatency) {
        private static final Duration LONGEST = Duration.ofMillis(500);

        public Publisher {
            if (sendLatency.isNegative() || sendLatency.compareTo(LONGEST) > 0) {
                throw new ConfigException(
                        "send-latency", sendLatency, "0ms to 500ms, for example 30ms");
            }
        }
    }

    /**
     * How a live stream is cut.
     *
     * @param liveSegmentSec target length of a segment
     * @param liveWindow segments in the playlist
     * @param liveHistory segments kept after they left the playlist
     */
    public record Packaging(
            @DefaultValue("2") int liveSegmentSec,
            @DefaultValue("12") int liveWindow,
            @DefaultValue("0") int liveHistory) {
        public Packaging {
            requireRange("live-segment-sec", liveSegmentSec, 1, 60);
            requireRange("live-window", liveWindow, 3, 10_000);
            requireRange("live-history", liveHistory, 0, 10_000);
        }
    }

    /**
     * The ring of a stream.
     *
     * @param capacity MPEG-TS packets that a ring keeps at least
     */
    public record Buffer(@DefaultValue("1000") int capacity) {
        public Buffer {
            requireRange("capacity", capacity, 1, 170_000);
        }
    }

    /** The console log. */
    public record Log(
            @DefaultValue("info") LogLevel level, @DefaultValue("text") LogFormat format) {}

    /** From the most to the least talkative. */
    public enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /** For people or for log collectors. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /**
     * Prometheus metrics.
     *
     * @param addr {@code host:port} or {@code :port} of a port for metrics alone; empty for none
     * @param path where they are, on either port
     */
    public record Metrics(@DefaultValue("") String addr, @DefaultValue("/metrics") String path) {
        public Metrics {
            if (!addr.isEmpty()) {
                ListenAddress.parse("addr", addr);
            }
            if (!path.matches("/[A-Za-z0-9_./-]*[A-Za-z0-9_-]")) {
                throw new ConfigException("path", path, "a path such as /metrics");
            }
        }
    }

    private static void requirePort(String key, int port) {
        if (port < 0 || port > 65_535) {
            throw new ConfigException(key, port, "a port from 1 to 65535, or 0 for any free one");
        }
    }

    private static void requireHost(String key, String host) {
        if (!host.matches("[A-Za-z0-9_.:%-]+")) {
            throw new ConfigException(key, host, "a host name or an address such as 0.0.0.0");
        }
    }

    private static void requireRange(String key, int value, int from, int to) {
        if (value < from || value > to) {
            throw new ConfigException(key, value, "a whole number from " + from + " to " + to);
        }
    }

    private static void requireDir(String key, Path dir) {
        if (dir.toString().isBlank()) {
            throw new ConfigException(key, dir, "the path of a folder");
        }
    }
}
