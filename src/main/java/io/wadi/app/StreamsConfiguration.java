package io.wadi.app;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.wadi.api.ConfigApi;
import io.wadi.api.ConfigYamlApi;
import io.wadi.api.InputsApi;
import io.wadi.api.OpenApi;
import io.wadi.api.RevisionsApi;
import io.wadi.api.RuntimeView;
import io.wadi.api.SpecCheck;
import io.wadi.api.StreamsApi;
import io.wadi.api.TranscoderApi;
import io.wadi.api.TranscoderEvents;
import io.wadi.api.WatermarkUpload;
import io.wadi.api.WatermarksApi;
import io.wadi.ffmpeg.FfmpegBuild;
import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.store.RevisionedStore;
import io.wadi.store.Revisions;
import io.wadi.store.StreamStore;
import io.wadi.store.YamlStreamStore;
import io.wadi.stream.InputSupervisor;
import io.wadi.stream.Reconciler;
import io.wadi.stream.Settings;
import io.wadi.stream.SpecProblem;

import org.apache.camel.CamelContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The streams: their store, the reconciler and the beans behind the API. */
@Configuration(proxyBeanMethods = false)
class StreamsConfiguration {
    @Bean
    RevisionedStore streamStore(WadiProperties properties) throws IOException {
        Path folder = properties.streams().dir();
        boolean fresh = !Files.exists(folder);
        Folders.requireWritable("wadi.streams.dir", folder);
        return switch (properties.storage().driver()) {
            case YAML -> {
                YamlStreamStore streams = new YamlStreamStore(folder);
                if (fresh) {
                    streams.addDemo();
                }
                yield new RevisionedStore(streams, revisions(properties));
            }
        };
    }

    private static Revisions revisions(WadiProperties properties) {
        return new Revisions(properties.streams().dir().resolve(".revisions"), Clock.systemUTC());
    }

    /** Closed when the context begins to stop, see {@link Startup}. */
    @Bean(destroyMethod = "")
    Reconciler reconciler(CamelContext context, StreamStore store, WadiProperties properties) {
        Settings settings =
                new Settings(
                        properties.listeners().rtmp().port(),
                        properties.listeners().srt().port(),
                        segments(properties.publisher().hls()),
                        segments(properties.publisher().dash()),
                        properties.publisher().sendLatency());
        InputSupervisor.of(context).setPacketTimeout(properties.manager().inputPacketTimeout());
        return new Reconciler(context, store, properties.routes().dir(), settings);
    }

    /** The same settings, but for how streams are cut and sent. */
    static Settings segments(Settings settings, WadiProperties.Publisher publisher) {
        return new Settings(
                settings.rtmpPort(),
                settings.srtPort(),
                segments(publisher.hls()),
                segments(publisher.dash()),
                publisher.sendLatency());
    }

    @Bean
    LiveConfig liveConfig(
            CamelContext context,
            Environment environment,
            WadiProperties properties,
            HttpListener http,
            Front front,
            Reconciler reconciler) {
        return new LiveConfig(context, environment, properties, http, reconciler, front::trust);
    }

    @Bean
    ConfigApi configApi(LiveConfig config) {
        return new ConfigApi(config);
    }

    @Bean
    ConfigYamlApi configYamlApi(LiveConfig config, StreamStore store, StreamsApi streams) {
        return new ConfigYamlApi(config, store, streams);
    }

    private static Settings.Segments segments(WadiProperties.Packaging packaging) {
        return new Settings.Segments(
                Duration.ofSeconds(packaging.liveSegmentSec()),
                packaging.liveWindow(),
                packaging.liveHistory());
    }

    @Bean
    RuntimeView runtimeView(CamelContext context, Rates rates, WadiProperties properties) {
        return new RingRuntime(context, rates, properties.manager().inputPacketTimeout());
    }

    @Bean
    StreamsApi streamsApi(
            StreamStore store, Reconciler reconciler, RuntimeView runtime, FfmpegComponent ffmpeg) {
        return new StreamsApi(store, reconciler, runtime, machineCheck(ffmpeg), Clock.systemUTC());
    }

    private static SpecCheck machineCheck(FfmpegComponent ffmpeg) {
        SpecCheck ladder = new LadderCheck(ffmpeg);
        SpecCheck slate = new SlateCheck(ffmpeg);
        SpecCheck mark = new WatermarkCheck(ffmpeg);
        return spec -> {
            List<SpecProblem> problems = new ArrayList<>(mark.check(spec));
            if (problems.isEmpty()) {
                problems.addAll(ladder.check(spec));
            }
            problems.addAll(slate.check(spec));
            return problems;
        };
    }

    /** Documents that were refused, whoever wrote them. */
    @Bean
    MeterBinder rejectedEdits(Reconciler reconciler, StreamsApi api) {
        return registry -> {
            counter(registry, "file", reconciler, r -> r.status().rejected());
            counter(registry, "api", api, StreamsApi::rejected);
        };
    }

    private static <T> void counter(
            MeterRegistry registry, String door, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder("wadi.rejected.edits", source, value)
                .description("Stream documents and route files that were refused.")
                .tag("door", door)
                .register(registry);
    }

    @Bean
    RevisionsApi revisionsApi(RevisionedStore store, StreamsApi streams) {
        return new RevisionsApi(store.revisions(), streams);
    }

    @Bean
    InputsApi inputsApi(CamelContext context, StreamStore store) {
        return new InputsApi(store, InputSupervisor.of(context));
    }

    @Bean
    TranscoderApi transcoderApi(FfmpegComponent ffmpeg) {
        return new TranscoderApi(
                path -> {
                    FfmpegBuild build = ffmpeg.probe(path);
                    return new TranscoderApi.Build(
                            build.path(),
                            build.version(),
                            build.encoders(),
                            build.muxers(),
                            build.filters());
                });
    }

    @Bean
    TranscoderEvents transcoderEvents(RuntimeView runtime, StreamStore store) {
        return new TranscoderEvents(runtime, code -> store.find(code).isPresent());
    }

    @Bean
    WatermarksApi watermarksApi(FfmpegComponent ffmpeg, StreamStore store) {
        return new WatermarksApi(ffmpeg.watermarks(), store);
    }

    @Bean
    WatermarkUpload watermarkUpload(FfmpegComponent ffmpeg) {
        return new WatermarkUpload(ffmpeg.watermarks());
    }

    @Bean
    OpenApi openApi() {
        return new OpenApi();
    }

    @Bean
    ReadinessCheck streamsReady(Reconciler reconciler) {
        return ReadinessCheck.of(
                "streams",
                () -> reconciler.status().at().isAfter(Instant.EPOCH),
                "the streams were not looked at yet");
    }

    @Bean
    Startup startup(
            WadiProperties properties,
            Front front,
            Reconciler reconciler,
            PrometheusMeterRegistry registry,
            MeterBinder rejectedEdits,
            TranscoderEvents transcoderEvents,
            WatermarkUpload watermarkUpload) {
        rejectedEdits.bindTo(registry);
        return new Startup(properties, front, reconciler, transcoderEvents, watermarkUpload);
    }
}
