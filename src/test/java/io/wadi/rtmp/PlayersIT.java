package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wadi.http.ViewerCounter;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Players of other make than FFmpeg, with a code of their own for RTMP. */
@RequiresTool({"ffmpeg", "ffprobe"})
class PlayersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Path NGINX_MODULES = Path.of("/etc/nginx/modules-enabled");

    private static final long FOUR_SECONDS_BYTES = 300_000;

    @TempDir Path folder;
    private RtmpFixture server;
    private Process publisher;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
        server.relay();
        publisher = server.publish(folder.resolve("publisher.log"));
        await().atMost(PATIENCE).until(() -> !server.events.isEmpty());
    }

    @AfterEach
    void stop() throws Exception {
        publisher.destroyForcibly().waitFor();
        server.close();
    }

    private void awaitViewers(int count) {
        ViewerCounter viewers = ViewerCounter.of(server.camel);
        await().atMost(PATIENCE).until(() -> viewers.viewers("demo", PlayOutput.PROTOCOL) == count);
    }

    /** Both tracks, from a key frame on, and nothing that FFmpeg finds fault with. */
    private void assertPlayed(Path file, int pictures) throws Exception {
        assertThat(Tools.decode(file)).isEmpty();
        List<String> flags =
                Tools.probe(file, "-select_streams", "v", "-show_entries", "packet=flags");
        assertThat(flags).hasSizeGreaterThanOrEqualTo(pictures);
        assertThat(flags.getFirst()).startsWith("K");
        assertThat(Tools.probe(file, "-show_entries", "stream=codec_name"))
                .containsExactlyInAnyOrder("h264", "aac");
    }

    /** Asks a program to end, which would play on and on, when it has written four seconds. */
    private static void endAfter(Process player, Path file) throws Exception {
        try {
            await().atMost(PATIENCE)
                    .until(() -> Files.exists(file) && Files.size(file) > FOUR_SECONDS_BYTES);
        } finally {
            player.destroy();
        }
        Tools.exitCode(player);
    }

    @Test
    @RequiresTool("rtmpdump")
    void librtmp() throws Exception {
        Path file = folder.resolve("librtmp.flv");
        Path log = folder.resolve("librtmp.log");
        Process rtmpdump =
                Tools.start(
                        log,
                        ("rtmpdump --live --rtmp " + server.url("live/demo") + " -o " + file)
                                .split(" "));
        endAfter(rtmpdump, file);
        assertThat(log).content().contains("Starting Live Stream");
        assertPlayed(file, 75);
        awaitViewers(0);
    }

    /** nginx pulls the stream and gives it to its own player. */
    @Test
    @RequiresTool("nginx")
    void nginx() throws Exception {
        assumeTrue(
                Tools.isCi() || Files.exists(NGINX_MODULES.resolve("50-mod-rtmp.conf")),
                "nginx is there without its RTMP module: apt-get install libnginx-mod-rtmp");
        int port = Tools.freePort();
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(
                configuration,
                """
                include %4$s/*.conf;
                daemon off;
                pid %1$s/nginx.pid;
                error_log %1$s/nginx.log info;
                events { worker_connections 50; }
                rtmp { server { listen 127.0.0.1:%2$d; application live {
                    live on;
                    pull %3$s name=demo;
                } } }
                """
                        .formatted(folder, port, server.url("live/demo"), NGINX_MODULES));
        Process nginx =
                Tools.start(folder.resolve("nginx.out"), "nginx", "-c", configuration.toString());
        try {
            Path file = folder.resolve("nginx.mkv");
            await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("nginx.pid")));
            Tools.runFfmpeg(
                    "-i",
                    "rtmp://127.0.0.1:" + port + "/live/demo",
                    "-t",
                    "4",
                    "-c",
                    "copy",
                    file.toString());
            assertPlayed(file, 90);
        } finally {
            nginx.destroy();
        }
        assertThat(Tools.exitCode(nginx)).isZero();
        awaitViewers(0);
    }

    @Test
    @RequiresTool("gst-launch-1.0")
    void gstreamer() throws Exception {
        for (String source : List.of("rtmp2src", "rtmpsrc")) {
            Path file = folder.resolve(source + ".mkv");
            Tools.run(
                    ("gst-launch-1.0 -q -e "
                                    + source
                                    + " num-buffers=300 location="
                                    + server.url("live/demo")
                                    + " ! flvdemux name=demux matroskamux name=mux ! filesink location="
                                    + file
                                    + " demux.video ! queue ! h264parse ! mux."
                                    + " demux.audio ! queue ! aacparse ! mux.")
                            .split(" "));
            assertPlayed(file, 50);
            awaitViewers(0);
        }
    }
}
