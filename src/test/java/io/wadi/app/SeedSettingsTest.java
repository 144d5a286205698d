package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Open Streamer's settings are taken for ours. */
@ExtendWith(OutputCaptureExtension.class)
class SeedSettingsTest {
    private final StandardEnvironment environment = new StandardEnvironment();

    SeedSettingsTest() {
        environment.getPropertySources().remove("systemEnvironment");
        environment.getPropertySources().remove("systemProperties");
    }

    private WadiProperties bound(SeedSettings[] seed) {
        seed[0] = SeedSettings.addTo(environment);
        return Binder.get(environment).bindOrCreate("wadi", WadiProperties.class);
    }

    private WadiProperties bound() {
        return bound(new SeedSettings[1]);
    }

    private void variables(Map<String, Object> variables) {
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource("systemEnvironment", variables));
    }

    private void file(Map<String, Object> keys) {
        environment
                .getPropertySources()
                .addLast(new MapPropertySource("Config resource 'file [config.yaml]'", keys));
    }

    @Test
    void takesTheVariablesOfTheSample() {
        variables(
                Map.ofEntries(
                        Map.entry("OPEN_STREAMER_SERVER_HTTP_ADDR", "127.0.0.1:8181"),
                        Map.entry("OPEN_STREAMER_STORAGE_DRIVER", "json"),
                        Map.entry("OPEN_STREAMER_STORAGE_YAML_DIR", "./channels"),
                        Map.entry("OPEN_STREAMER_BUFFER_CAPACITY", "2000"),
                        Map.entry("OPEN_STREAMER_TRANSCODER_MAX_WORKERS", "7"),
                        Map.entry("OPEN_STREAMER_TRANSCODER_FFMPEG_PATH", "/opt/ffmpeg"),
                        Map.entry("OPEN_STREAMER_PUBLISHER_HLS_LIVE_SEGMENT_SEC", "4"),
                        Map.entry("OPEN_STREAMER_LISTENERS_RTMP_LISTEN_HOST", "::1"),
                        Map.entry("OPEN_STREAMER_LISTENERS_RTMP_PORT", "1936"),
                        Map.entry("OPEN_STREAMER_MANAGER_INPUT_PACKET_TIMEOUT_SEC", "12"),
                        Map.entry("OPEN_STREAMER_METRICS_ADDR", ":9091"),
                        Map.entry("OPEN_STREAMER_LOG_LEVEL", "debug"),
                        Map.entry("OPEN_STREAMER_LOG_FORMAT", "json")));

        WadiProperties properties = bound();

        assertThat(properties.http().host()).isEqualTo("127.0.0.1");
        assertThat(properties.http().port()).isEqualTo(8181);
        assertThat(properties.storage().driver()).isEqualTo(WadiProperties.StorageDriver.YAML);
        assertThat(properties.streams().dir()).isEqualTo(Path.of("channels"));
        assertThat(properties.buffer().capacity()).isEqualTo(2000);
        assertThat(properties.transcoder().maxWorkers()).isEqualTo(7);
        assertThat(properties.transcoder().ffmpegPath()).isEqualTo("/opt/ffmpeg");
        assertThat(properties.publisher().hls().liveSegmentSec()).isEqualTo(4);
        assertThat(properties.listeners().rtmp())
                .isEqualTo(new WadiProperties.Rtmp(true, "::1", 1936, Duration.ZERO));
        assertThat(properties.manager().inputPacketTimeout()).isEqualTo(Duration.ofSeconds(12));
        assertThat(properties.metrics().addr()).isEqualTo(":9091");
        assertThat(properties.log())
                .isEqualTo(
                        new WadiProperties.Log(
                                WadiProperties.LogLevel.DEBUG, WadiProperties.LogFormat.JSON));
    }

    @Test
    void takesTheKeysOfItsFile() {
        file(Map.of("server.http_addr", ":81", "publisher.dash.live_window", 20));

        WadiProperties properties = bound();

        assertThat(properties.http().host()).isEqualTo("0.0.0.0");
        assertThat(properties.http().port()).isEqualTo(81);
        assertThat(properties.publisher().dash().liveWindow()).isEqualTo(20);
    }

    @Test
    void oursWinsOverItsVariablesAndTheyOverItsFile() {
        variables(Map.of("OPEN_STREAMER_SERVER_HTTP_ADDR", ":1"));
        file(Map.of("server.http_addr", ":2", "log.level", "warn", "wadi.http.host", "::"));

        WadiProperties properties = bound();

        assertThat(properties.http().host()).isEqualTo("::");
        assertThat(properties.http().port()).isEqualTo(1);
        assertThat(properties.log().level()).isEqualTo(WadiProperties.LogLevel.WARN);
    }

    @Test
    void tellsOnceWhatAnOldNameIsNow(CapturedOutput output) {
        variables(
                Map.of(
                        "OPEN_STREAMER_INGESTOR_RTMP_ADDR",
                        ":1940",
                        "OPEN_STREAMER_PUBLISHER_RTMP_PORT",
                        "1941"));
        SeedSettings[] seed = new SeedSettings[1];

        WadiProperties properties = bound(seed);
        seed[0].report();

        assertThat(properties.listeners().rtmp().port()).isEqualTo(1940);
        assertThat(output.getAll().lines().filter(line -> line.contains("RTMP_ADDR")))
                .singleElement()
                .asString()
                .contains("old name", "wadi.listeners.rtmp.port");
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN_STREAMER_HOOKS_KAFKA_BROKERS, no such part",
        "OPEN_STREAMER_DVR_ROOT_DIR, no such part",
        "OPEN_STREAMER_API_ADMIN_PASSWORD, asks nobody",
        "OPEN_STREAMER_PUBLISHER_HLS_DIR, from memory",
        "OPEN_STREAMER_SERVER_HTTP_ADRR, no such setting"
    })
    void saysWhatDoesNothing(String variable, String why, CapturedOutput output) {
        variables(Map.of(variable, "x"));
        SeedSettings[] seed = new SeedSettings[1];

        bound(seed);
        seed[0].report();

        assertThat(output.getAll()).contains(variable + " does nothing: ").contains(why);
    }

    @Test
    void saysNothingOfVariablesThatKubernetesMakes(CapturedOutput output) {
        variables(
                Map.of(
                        "OPEN_STREAMER_SERVICE_HOST",
                        "10.0.0.1",
                        "OPEN_STREAMER_PORT_8080_TCP_ADDR",
                        "10.0.0.1"));
        SeedSettings[] seed = new SeedSettings[1];

        bound(seed);
        seed[0].report();

        assertThat(output.getAll()).isEmpty();
    }

    @Test
    void refusesAStoreThatIsNotThere() {
        variables(Map.of("OPEN_STREAMER_STORAGE_DRIVER", "mongo"));

        assertThatThrownBy(this::bound)
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("OPEN_STREAMER_STORAGE_DRIVER: got \"mongo\"");
    }

    @Test
    void namesTheVariableOfAWrongValue() {
        variables(Map.of("OPEN_STREAMER_LISTENERS_RTMP_PORT", "many"));

        assertThatThrownBy(this::bound)
                .satisfies(
                        failure ->
                                assertThat(StartupFailure.describe(failure).orElseThrow())
                                        .contains(
                                                "wadi.listeners.rtmp.port",
                                                "many",
                                                "OPEN_STREAMER_LISTENERS_RTMP_PORT"));
    }
}
