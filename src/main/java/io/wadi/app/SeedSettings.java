package io.wadi.app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Open Streamer's settings, taken for ours: variables {@code OPEN_STREAMER_…} and the same keys in
 * a {@code config.yaml}. They stand below everything that is called {@code wadi.…}. One table says
 * what becomes of each; keys of its first generation are taken with a word about the new name.
 */
final class SeedSettings {
    private static final Logger LOG = LoggerFactory.getLogger("io.wadi.app.Configuration");
    private static final String ENVIRONMENT_PREFIX = "OPEN_STREAMER_";

    /** How a value is turned into ours. */
    private enum Form {
        SAME,
        ADDRESS,
        PROGRAM,
        DRIVER
    }

    /**
     * @param targets keys of ours: host and port of an address
     * @param unused why the setting does nothing here; empty when it does
     * @param legacy whether Open Streamer itself gave the key up
     */
    private record Row(
            String key, Form form, List<String> targets, String unused, boolean legacy) {}

    private static final String NOT_YET = "this version has no such part";
    private static final String IN_MEMORY = "segments are served from memory";
    private static final String AS_FILES = "streams are YAML files in wadi.streams.dir";

    /** Where two rows have one target, the upper wins. */
    private static final List<Row> TABLE =
            Stream.of(
                            address("server.http_addr", "wadi.http"),
                            row("server.header_timeout", Form.SAME, "wadi.http.header-timeout"),
                            row("server.trusted_proxies", Form.SAME, "wadi.http.trusted-proxies"),
                            unused("server.grpc_addr", "there is no gRPC"),
                            unused("server.cors", "media and API take every origin"),
                            row("storage.driver", Form.DRIVER, "wadi.storage.driver"),
                            row("storage.yaml_dir", Form.SAME, "wadi.streams.dir"),
                            unused("storage.json_dir", AS_FILES),
                            unused("storage.sql_dsn", AS_FILES),
                            unused("storage.mongo_uri", AS_FILES),
                            unused("storage.mongo_database", AS_FILES),
                            same("buffer.capacity"),
                            same("transcoder.max_workers"),
                            same("transcoder.max_restarts"),
                            row(
                                    "transcoder.ffmpeg_path",
                                    Form.PROGRAM,
                                    "wadi.transcoder.ffmpeg-path"),
                            same("publisher.send_latency"),
                            unused("publisher.hls.dir", IN_MEMORY),
                            unused("publisher.hls.base_url", "playlists have relative addresses"),
                            unused("publisher.hls.live_ephemeral", IN_MEMORY),
                            same("publisher.hls.live_segment_sec"),
                            same("publisher.hls.live_window"),
                            same("publisher.hls.live_history"),
                            unused("publisher.dash.dir", IN_MEMORY),
                            unused("publisher.dash.live_ephemeral", IN_MEMORY),
                            same("publisher.dash.live_segment_sec"),
                            same("publisher.dash.live_window"),
                            same("publisher.dash.live_history"),
                            same("listeners.rtmp.enabled"),
                            same("listeners.rtmp.listen_host"),
                            same("listeners.rtmp.port"),
                            same("listeners.rtmp.receive_latency"),
                            same("listeners.rtsp.enabled"),
                            same("listeners.rtsp.listen_host"),
                            same("listeners.rtsp.port"),
                            unused("listeners.rtsp.transport", NOT_YET),
                            same("listeners.srt.enabled"),
                            same("listeners.srt.listen_host"),
                            same("listeners.srt.port"),
                            unused("listeners.srt.latency_ms", NOT_YET),
                            row(
                                    "manager.input_packet_timeout_sec",
                                    Form.SAME,
                                    "wadi.manager.input-packet-timeout"),
                            unused("ingestor.hls_max_segment_buffer", NOT_YET),
                            same("watermarks.dir"),
                            unused("hooks", NOT_YET),
                            unused("sessions", NOT_YET),
                            unused("auth", "the API asks nobody for a name or a password"),
                            unused("api.admin_password", "the API asks nobody for a password"),
                            same("metrics.addr"),
                            same("metrics.path"),
                            same("log.level"),
                            same("log.format"),
                            legacy("ingestor.rtmp_enabled", "wadi.listeners.rtmp.enabled"),
                            legacyAddress("ingestor.rtmp_addr", "wadi.listeners.rtmp"),
                            legacy("ingestor.srt_enabled", "wadi.listeners.srt.enabled"),
                            legacyAddress("ingestor.srt_addr", "wadi.listeners.srt"),
                            legacy("publisher.rtsp.listen_host", "wadi.listeners.rtsp.listen-host"),
                            unused("publisher.rtsp.port_min", "RTSP has one port"),
                            unused("publisher.rtsp.port_max", "RTSP has one port"),
                            unused("publisher.rtsp.transport", NOT_YET),
                            legacy("publisher.rtmp.listen_host", "wadi.listeners.rtmp.listen-host"),
                            legacy("publisher.rtmp.port", "wadi.listeners.rtmp.port"),
                            legacy("publisher.srt.listen_host", "wadi.listeners.srt.listen-host"),
                            legacy("publisher.srt.port", "wadi.listeners.srt.port"),
                            unused("publisher.srt.latency_ms", NOT_YET),
                            unused("dvr", NOT_YET))
                    .toList();

    /** First parts of the keys: what a config.yaml may have beside {@code wadi}. */
    private static final Set<String> ROOTS =
            TABLE.stream()
                    .map(row -> row.key().split("\\.", 2)[0])
                    .collect(Collectors.toUnmodifiableSet());

    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Set<String> notices = new LinkedHashSet<>();

    private static Row row(String key, Form form, String... targets) {
        return new Row(key, form, List.of(targets), "", false);
    }

    private static Row same(String key) {
        return row(key, Form.SAME, "wadi." + key.replace('_', '-'));
    }

    private static Row address(String key, String group) {
        return row(key, Form.ADDRESS, group + ".host", group + ".port");
    }

    private static Row unused(String key, String why) {
        return new Row(key, Form.SAME, List.of(), why, false);
    }

    private static Row legacy(String key, String target) {
        return new Row(key, Form.SAME, List.of(target), "", true);
    }

    private static Row legacyAddress(String key, String group) {
        return new Row(
                key, Form.ADDRESS, List.of(group + ".listen-host", group + ".port"), "", true);
    }

    /** Reads the environment and adds what it found below all that it holds. */
    static SeedSettings addTo(ConfigurableEnvironment environment) {
        SeedSettings seed = new SeedSettings();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> enumerable
                    && !source.getName().equals("configurationProperties")) {
                seed.read(enumerable);
            }
        }
        if (!seed.values.isEmpty()) {
            environment
                    .getPropertySources()
                    .addLast(
                            new OriginTrackedMapPropertySource(
                                    "Open Streamer's settings", seed.values));
        }
        return seed;
    }

    /** Our keys for one of Open Streamer's; none when it does nothing here. */
    static List<String> targets(String key) {
        return find(key).map(Row::targets).orElse(List.of());
    }

    /** One of its settings as ours. */
    static Map<String, String> ours(String key, String value) {
        Row row = find(key).orElseThrow();
        List<String> converted = converted(row, key, value);
        Map<String, String> ours = new LinkedHashMap<>();
        for (int i = 0; i < converted.size(); i++) {
            ours.put(row.targets().get(i), converted.get(i));
        }
        return ours;
    }

    /** Our settings as its: keys of its first generation are left out. */
    static Map<String, String> shown(Map<String, String> ours) {
        Map<String, String> shown = new LinkedHashMap<>();
        for (Row row : TABLE) {
            if (row.unused().isEmpty() && !row.legacy()) {
                String first = ours.getOrDefault(row.targets().getFirst(), "");
                shown.put(
                        row.key(),
                        switch (row.form()) {
                            case ADDRESS ->
                                    (first.equals("0.0.0.0") ? "" : first)
                                            + ":"
                                            + ours.get(row.targets().getLast());
                            case SAME, PROGRAM, DRIVER ->
                                    row.key().endsWith("_sec")
                                            ? first.replaceAll("(?<=\\d)s$", "")
                                            : first;
                        });
            }
        }
        return shown;
    }

    /** Whether a key of a config.yaml is one of Open Streamer's. */
    static boolean knows(String name) {
        return find(name).isPresent();
    }

    /** Whether a key of a config.yaml is in one of Open Streamer's groups. */
    static boolean isInGroup(String name) {
        return ROOTS.contains(root(name));
    }

    /** Says what was taken under an old name, and what does nothing; once the log is there. */
    void report() {
        notices.forEach(LOG::warn);
    }

    private static String root(String name) {
        return name.split("[.\\[]", 2)[0];
    }

    private void read(EnumerablePropertySource<?> source) {
        boolean file = source.getName().contains("config.yaml");
        Map<Row, String> found = new TreeMap<>(Comparator.comparingInt(TABLE::indexOf));
        for (String name : source.getPropertyNames()) {
            boolean variable = name.startsWith(ENVIRONMENT_PREFIX);
            if (variable || (file && isInGroup(name))) {
                String key = variable ? name.substring(ENVIRONMENT_PREFIX.length()) : name;
                find(key)
                        .ifPresentOrElse(
                                row -> found.putIfAbsent(row, name),
                                () -> {
                                    if (variable && !ConfigCheck.isServiceLink(name)) {
                                        notices.add(name + " does nothing: no such setting");
                                    }
                                });
            }
        }
        found.forEach((row, name) -> take(row, name, text(source.getProperty(name))));
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString().strip();
    }

    private static Optional<Row> find(String name) {
        String uniform = ConfigCheck.uniform(name);
        return TABLE.stream()
                .filter(
                        row -> {
                            String key = ConfigCheck.uniform(row.key());
                            return row.unused().isEmpty()
                                    ? uniform.equals(key)
                                    : uniform.equals(key) || inside(row, name);
                        })
                .findFirst();
    }

    /** A whole group may stand in the table. */
    private static boolean inside(Row row, String name) {
        return ConfigCheck.dotted(name).startsWith(ConfigCheck.dotted(row.key()) + ".");
    }

    private void take(Row row, String name, String value) {
        if (!row.unused().isEmpty()) {
            notices.add(name.replaceAll("\\[\\d+]$", "") + " does nothing: " + row.unused());
            return;
        }
        if (value.isEmpty()) {
            return; // as if it were not there
        }
        List<String> taken = converted(row, name, value);
        for (int i = 0; i < taken.size(); i++) {
            // Sources come in the order of their rank, rows in the order of the table.
            values.putIfAbsent(
                    row.targets().get(i), OriginTrackedValue.of(taken.get(i), new From(name)));
        }
        if (row.legacy()) {
            notices.add(
                    name
                            + " is an old name, taken for "
                            + String.join(" and ", row.targets())
                            + "; use the new one");
        }
    }

    private static List<String> converted(Row row, String name, String value) {
        return switch (row.form()) {
            case SAME -> List.of(value);
            case PROGRAM -> List.of(value.equals("ffmpeg") ? "" : value);
            case DRIVER -> List.of(driver(name, value));
            case ADDRESS -> {
                ListenAddress address = ListenAddress.parse(name, value);
                yield List.of(address.host(), Integer.toString(address.port()));
            }
        };
    }

    /**
     * Its default, a JSON file, becomes ours; a database that is not read must not go unnoticed.
     */
    private static String driver(String name, String value) {
        return switch (value) {
            case "json", "yaml" -> "yaml";
            default ->
                    throw new ConfigException(
                            name, value, "yaml: this version keeps streams in files only");
        };
    }

    /** Where a value came from, for messages about it. */
    private record From(String name) implements Origin {
        @Override
        public String toString() {
            return name;
        }
    }
}
