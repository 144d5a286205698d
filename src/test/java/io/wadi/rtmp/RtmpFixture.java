package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ring.Unit;
import io.wadi.testing.Tools;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A plain Camel context with a listener on a free port whose units go to files. */
final class RtmpFixture implements AutoCloseable, PublishListener {
    /** What is remembered of a unit. */
    record Seen(long pts, long dts, int flags, int length, String thread) {
        boolean isVideo() {
            return (flags & Unit.VIDEO) != 0;
        }

        boolean is(int flag) {
            return (flags & flag) != 0;
        }
    }

    final DefaultCamelContext camel = new DefaultCamelContext();
    final RtmpComponent component = new RtmpComponent();
    final List<String> events = new CopyOnWriteArrayList<>();
    private final List<FileChannel> files = new ArrayList<>();

    RtmpFixture() throws Exception {
        this(_ -> {});
    }

    RtmpFixture(Consumer<RtmpComponent> options) throws Exception {
        component.setListenHost("127.0.0.1");
        component.setPort(0);
        component.setWorkers(2);
        component.setPublishListener(this);
        options.accept(component);
        camel.addComponent("rtmp", component);
        camel.start();
    }

    /** A route from {@code rtmp:listen/path} that appends to a file; returns what it saw. */
    List<Seen> route(String id, String pathAndOptions, Path file) throws Exception {
        FileChannel out =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        files.add(out);
        List<Seen> seen = new CopyOnWriteArrayList<>();
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("rtmp:listen/" + pathAndOptions)
                                .routeId(id)
                                .process(
                                        exchange -> {
                                            Unit unit = exchange.getMessage().getBody(Unit.class);
                                            write(unit, out);
                                            seen.add(
                                                    new Seen(
                                                            unit.pts(),
                                                            unit.dts(),
                                                            unit.flags(),
                                                            unit.length(),
                                                            Thread.currentThread().getName()));
                                        });
                    }
                });
        return seen;
    }

    /** What is published as {@code live/in} is played as {@code live/demo}. */
    void relay() throws Exception {
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("rtmp:listen/live/in").to("ring:demo");
                        from("ring:demo").to("rtmp:listen/live/demo");
                    }
                });
    }

    /** FFmpeg publishes a test picture with B-frames and a tone as {@code live/in}. */
    Process publish(Path log) throws IOException {
        return Tools.start(
                log,
                ("ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=s=320x180:r=25:d=60"
                                + " -f lavfi -i sine=f=440:r=48000:d=60 -c:v libx264"
                                + " -preset ultrafast -bf 2 -g 25 -c:a aac -f flv "
                                + url("live/in"))
                        .split(" "));
    }

    private static void write(Unit unit, FileChannel out) {
        assertThat(unit.length() % 188).isZero();
        try {
            unit.slab().getBytes(unit.offset(), out, unit.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return component.boundAddress().getPort();
    }

    String url(String pathAndQuery) {
        return "rtmp://127.0.0.1:" + port() + "/" + pathAndQuery;
    }

    @Override
    public void publishing(String path, String peer) {
        events.add("publishing " + path);
    }

    @Override
    public void ended(String path, String peer, String reason) {
        events.add("ended " + path + ": " + reason);
    }

    @Override
    public void close() throws IOException {
        camel.close();
        for (FileChannel file : files) {
            file.close();
        }
    }
}
