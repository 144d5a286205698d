package io.wadi.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.api.ServerConfig;
import io.wadi.codec.CodecId;
import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.http.TrustedProxies;
import io.wadi.ring.Rings;
import io.wadi.rtmp.RtmpComponent;
import io.wadi.stream.InputSupervisor;
import io.wadi.stream.Reconciler;
import io.wadi.stream.SpecJson;
import io.wadi.stream.StreamSpec;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.env.Environment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Changes of the server's configuration while it runs. All or nothing: the whole is checked, new
 * addresses are listened on, the file is written, and only then anything changes.
 */
final class LiveConfig implements ServerConfig {
    private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);

    /** Keys, or groups of keys, that take effect at once; the others wait for a restart. */
    private static final List<String> LIVE =
            List.of(
                    "wadi.http.host",
                    "wadi.http.port",
                    "wadi.listeners.rtmp.listen-host",
                    "wadi.listeners.rtmp.port",
                    "wadi.listeners.rtmp.receive-latency",
                    "wadi.log.level",
                    "wadi.manager.input-packet-timeout",
                    "wadi.buffer.capacity",
                    "wadi.publisher.hls",
                    "wadi.publisher.dash",
                    "wadi.publisher.send-latency",
                    "wadi.http.header-timeout",
                    "wadi.http.trusted-proxies",
                    "wadi.transcoder");

    private final CamelContext context;
    private final HttpListener http;
    private final Reconciler reconciler;
    private final Consumer<TrustedProxies> proxies;
    private final ConfigFile file;

    /** What is set now, by our keys, what waits for a restart included. */
    private Map<String, String> values;

    private WadiProperties properties;

    LiveConfig(
            CamelContext context,
            Environment environment,
            WadiProperties properties,
            HttpListener http,
            Reconciler reconciler,
            Consumer<TrustedProxies> proxies) {
        this.context = context;
        this.properties = properties;
        this.http = http;
        this.reconciler = reconciler;
        this.proxies = proxies;
        this.file = new ConfigFile(properties.config().file());
        Map<String, String> now = new LinkedHashMap<>();
        for (String key : ConfigKeys.defaults().keySet()) {
            now.put(key, environment.getProperty(key, ""));
        }
        this.values = now;
    }

    @Override
    public synchronized ObjectNode describe() {
        ObjectNode all = SpecJson.mapper().createObjectNode();
        ObjectNode version = all.putObject("version");
        version.put(
                "version",
                Optional.ofNullable(LiveConfig.class.getPackage().getImplementationVersion())
                        .orElse("development"));
        version.put("commit", "").put("built_at", "");
        list(all, "hw_accels", ffmpeg().hwAccels());
        all.set("hw_devices", SpecJson.mapper().valueToTree(ffmpeg().cards()));
        list(all, "video_codecs", codecs(true));
        list(all, "audio_codecs", codecs(false));
        list(all, "output_protocols", List.of("hls", "dash", "rtmp", "flv", "mpegts"));
        list(all, "stream_statuses", List.of("idle", "active", "degraded", "stopped"));
        list(all, "watermark_types", StreamSpec.Watermark.TYPES);
        list(all, "watermark_positions", StreamSpec.Watermark.POSITIONS);
        all.set("ports", ports());
        all.set("global_config", ConfigTree.of(values));
        return all;
    }

    private static List<String> codecs(boolean video) {
        return Arrays.stream(CodecId.values())
                .filter(codec -> codec.isVideo() == video)
                .map(codec -> codec.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static void list(ObjectNode to, String key, List<String> values) {
        var array = to.putArray(key);
        values.forEach(array::add);
    }

    private ObjectNode ports() {
        ObjectNode ports = SpecJson.mapper().createObjectNode();
        ListenAddress address = http.address();
        String host = address.host().equals("0.0.0.0") ? "" : address.host();
        ports.put("http_addr", host + ":" + http.getPort());
        RtmpComponent rtmp = rtmp();
        if (rtmp.isEnabled() && rtmp.isStarted()) {
            ports.put("rtmp_port", rtmp.boundAddress().getPort());
        } else {
            ports.putNull("rtmp_port");
        }
        ports.putNull("rtsp_port").putNull("srt_port");
        return ports;
    }

    private RtmpComponent rtmp() {
        return context.getComponent("rtmp", RtmpComponent.class);
    }

    @Override
    public ObjectNode defaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        ConfigKeys.defaults().forEach((key, value) -> defaults.put(key, value.toString()));
        return ConfigTree.of(defaults);
    }

    @Override
    public synchronized ObjectNode merge(ObjectNode change) throws RefusedException {
        Map<String, String> asked = asked(change);
        Map<String, String> next = new LinkedHashMap<>(values);
        next.putAll(asked);
        WadiProperties bound = bind(next);
        asked.entrySet().removeIf(e -> e.getValue().equals(values.get(e.getKey())));

        if (asked.containsKey("wadi.transcoder.ffmpeg-path")) {
            checkFfmpeg(bound.transcoder().ffmpegPath());
        }
        List<Move> moves = new ArrayList<>();
        try {
            listen(asked, bound, moves);
            if (!asked.isEmpty()) {
                file.store(asked);
            }
        } catch (IOException | ConfigException e) {
            moves.forEach(Move::undo);
            LOG.warn("The configuration was not changed: {}", e.getMessage());
            throw new RefusedException(500, "APPLY_FAILED", e.getMessage());
        }
        moves.forEach(Move::commit);
        values = next;
        properties = bound;
        List<String> notes = new ArrayList<>();
        apply(asked, notes);
        ObjectNode result = result(asked);
        if (!notes.isEmpty()) {
            list(result, "notes", notes);
        }
        return result;
    }

    private Map<String, String> asked(ObjectNode change) throws RefusedException {
        Map<String, Object> defaults = ConfigKeys.defaults();
        Map<String, String> asked = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> leaf : ConfigTree.leaves(change).entrySet()) {
            String key = leaf.getKey();
            List<String> targets = SeedSettings.targets(key);
            if (targets.isEmpty() && leaf.getValue().isNull()) {
                continue; // a part that is not there is off already
            }
            if (targets.isEmpty() || !leaf.getValue().isValueNode()) {
                throw new RefusedException(
                        400,
                        "INVALID_BODY",
                        key + ": no such setting, expected one of those that GET /config shows");
            }
            if (leaf.getValue().isNull()) {
                targets.forEach(target -> asked.put(target, defaults.get(target).toString()));
                continue;
            }
            try {
                asked.putAll(SeedSettings.ours(key, leaf.getValue().asText()));
            } catch (ConfigException e) {
                throw new RefusedException(400, "INVALID_BODY", e.getMessage());
            }
        }
        return asked;
    }

    private static WadiProperties bind(Map<String, String> values) throws RefusedException {
        Map<String, String> set = new LinkedHashMap<>(values);
        set.values().removeIf(String::isEmpty);
        try {
            return new Binder(new MapConfigurationPropertySource(set))
                    .bindOrCreate("wadi", WadiProperties.class);
        } catch (RuntimeException e) {
            throw new RefusedException(
                    400,
                    "INVALID_BODY",
                    StartupFailure.describe(e).orElse(String.valueOf(e.getMessage())));
        }
    }

    private void checkFfmpeg(String path) throws RefusedException {
        try {
            ffmpeg().probe(path.isEmpty() ? "ffmpeg" : path);
        } catch (IOException e) {
            if (!path.isEmpty()) { // else the one in the jar is taken
                throw new RefusedException(400, "FFMPEG_UNUSABLE", e.getMessage());
            }
        }
    }

    private FfmpegComponent ffmpeg() {
        return context.getComponent("ffmpeg", FfmpegComponent.class);
    }

    private void listen(Map<String, String> asked, WadiProperties to, List<Move> moves)
            throws IOException {
        if (isIn(asked, "wadi.http.host") || isIn(asked, "wadi.http.port")) {
            moves.add(http.move(new ListenAddress(to.http().host(), to.http().port())));
        }
        boolean moved = isIn(asked, "wadi.listeners.rtmp.listen-host");
        if ((moved || isIn(asked, "wadi.listeners.rtmp.port")) && rtmp().isStarted()) {
            var address = to.listeners().rtmp();
            RtmpComponent.Move move = rtmp().move(address.listenHost(), address.port());
            moves.add(
                    new Move() {
                        @Override
                        public void commit() {
                            move.commit();
                        }

                        @Override
                        public void undo() {
                            move.undo();
                        }
                    });
        }
    }

    private static boolean isIn(Map<String, String> asked, String group) {
        return asked.keySet().stream()
                .anyMatch(key -> key.equals(group) || key.startsWith(group + "."));
    }

    /**
     * @param notes gets what is in force, but shows only later
     */
    private void apply(Map<String, String> asked, List<String> notes) {
        if (isIn(asked, "wadi.log.level")) {
            LoggingSystem.get(LiveConfig.class.getClassLoader())
                    .setLogLevel(
                            LoggingSystem.ROOT_LOGGER_NAME,
                            LogLevel.valueOf(properties.log().level().name()));
        }
        if (isIn(asked, "wadi.buffer.capacity")) {
            Rings.of(context).setCapacityPackets(properties.buffer().capacity());
        }
        if (isIn(asked, "wadi.manager")) {
            InputSupervisor.of(context).setPacketTimeout(properties.manager().inputPacketTimeout());
        }
        if (isIn(asked, "wadi.listeners.rtmp.receive-latency")) {
            rtmp().setReceiveLatency(properties.listeners().rtmp().receiveLatency().toMillis());
        }
        if (isIn(asked, "wadi.http.header-timeout")) {
            http.setHeaderTimeout(properties.http().headerTimeout());
        }
        if (isIn(asked, "wadi.http.trusted-proxies")) {
            proxies.accept(TrustedProxies.of(properties.http().trustedProxies()));
        }
        if (isIn(asked, "wadi.transcoder.ffmpeg-path")) {
            ffmpeg().useProgram(properties.transcoder().ffmpegPath());
        }
        if (isIn(asked, "wadi.transcoder.max-workers")) {
            workers(properties.transcoder().maxWorkers(), notes);
        }
        if (isIn(asked, "wadi.transcoder.max-restarts")) {
            ffmpeg().setMaxRestarts(properties.transcoder().maxRestarts());
        }
        if (isIn(asked, "wadi.manager") || isIn(asked, "wadi.publisher")) {
            reconciler.settings(
                    StreamsConfiguration.segments(reconciler.settings(), properties.publisher()));
        }
        asked.forEach((key, value) -> LOG.info("{} is {} now", key, value));
    }

    private void workers(int limit, List<String> notes) {
        int above = ffmpeg().useWorkers(limit);
        if (above > 0) {
            String note =
                    "wadi.transcoder.max-workers: %d processes run and go on; none starts until %d have ended"
                            .formatted(limit + above, above + 1);
            notes.add(note);
            LOG.info(note);
        }
    }

    private ObjectNode result(Map<String, String> asked) {
        ObjectNode result = SpecJson.mapper().createObjectNode();
        result.set("global_config", ConfigTree.of(values));
        result.set("ports", ports());
        List<String> applied = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        for (String key : new TreeSet<>(asked.keySet())) {
            boolean live = LIVE.stream().anyMatch(l -> key.equals(l) || key.startsWith(l + "."));
            (live ? applied : waiting).add(key);
        }
        list(result, "applied", applied);
        list(result, "restart_required", waiting);
        return result;
    }
}
