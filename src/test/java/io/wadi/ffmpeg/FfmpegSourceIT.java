package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.RingReader;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The test source in plain Camel: with the FFmpeg of this machine, and with the one in the jar. */
class FfmpegSourceIT {
    private static final String SOURCE =
            "ffmpeg:testsrc?size=320x180&rate=25&videoBitrate=300k&gop=1";

    @TempDir private Path folder;

    @Test
    @RequiresTool("ffmpeg")
    void plays() throws Exception {
        playsInto(new FfmpegComponent());
    }

    @Test
    void playsWithTheProgramInTheJar() throws Exception {
        FfmpegBinary bundled = new FfmpegBinary("", folder.resolve("bin"), "");
        Path program = bundled.find();
        assertThat(program).startsWith(folder).isExecutable();
        assertThat(new FfmpegBinary("", folder.resolve("bin"), "").find()).isEqualTo(program);

        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(program.toString());
        playsInto(component);
    }

    private void playsInto(FfmpegComponent component) throws Exception {
        Path captured = folder.resolve("captured.ts");
        try (DefaultCamelContext context = contextWith(component)) {
            context.start();
            capture(context, captured, Duration.ofSeconds(3));
        }
        await("no child is left").until(() -> children().isEmpty());
        assertThat(decode(captured)).as("what FFmpeg says of it").isEmpty();
    }

    @Test
    void startsTheProgramAgain() throws Exception {
        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(Tools.ffmpeg());
        try (DefaultCamelContext context = contextWith(component)) {
            context.start();
            var stats = Rings.of(context).find("test").orElseThrow().ring().stats();
            await().atMost(Duration.ofSeconds(20)).until(() -> stats.units() > 20);
            ProcessHandle first = children().getFirst();

            first.destroyForcibly();

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> children().stream().anyMatch(child -> child.pid() != first.pid()));
            long before = stats.units();
            await().atMost(Duration.ofSeconds(20)).until(() -> stats.units() > before + 20);
        }
    }

    @Test
    void keepsTryingWhenThereIsNoProgram() throws Exception {
        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(folder.resolve("missing").toString());
        try (DefaultCamelContext context = contextWith(component)) {
            context.start();
            assertThat(context.getRouteController().getRouteStatus("test").isStarted()).isTrue();
        }
    }

    private static DefaultCamelContext contextWith(FfmpegComponent component) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        context.addComponent("ffmpeg", component);
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(SOURCE).routeId("test").to("ring:test");
                    }
                });
        return context;
    }

    private static void capture(DefaultCamelContext context, Path to, Duration time)
            throws IOException {
        long ticks = time.toMillis() * 90;
        try (OutputStream out = Files.newOutputStream(to);
                RingReader reader =
                        Rings.of(context).find("test").orElseThrow().ring().openReader(() -> {})) {
            long[] first = {Unit.NO_TIME};
            boolean[] done = {false};
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                for (Unit unit = reader.poll();
                                        unit != null && !done[0];
                                        unit = reader.poll()) {
                                    write(unit, out);
                                    if (unit.dts() != Unit.NO_TIME) {
                                        first[0] = first[0] == Unit.NO_TIME ? unit.dts() : first[0];
                                        done[0] = unit.dts() - first[0] >= ticks;
                                    }
                                }
                                return done[0];
                            });
        }
    }

    private static void write(Unit unit, OutputStream out) throws IOException {
        ByteBuf bytes = unit.retainedSlice();
        try {
            bytes.readBytes(out, bytes.readableBytes());
        } finally {
            bytes.release();
        }
    }

    private static List<ProcessHandle> children() {
        try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
            return children.filter(ProcessHandle::isAlive)
                    .filter(child -> child.info().command().orElse("").contains("ffmpeg"))
                    .toList();
        }
    }

    private String decode(Path file) throws IOException, InterruptedException {
        Path log = folder.resolve("decode.txt");
        Process process =
                new ProcessBuilder(
                                Tools.ffmpeg(),
                                "-v",
                                "error",
                                "-i",
                                file.toString(),
                                "-f",
                                "null",
                                "-")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return Files.readString(log);
    }
}
