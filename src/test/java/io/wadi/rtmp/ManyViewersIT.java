package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.http.MediaServer;
import io.wadi.http.ViewerCounter;

import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Two hundred viewers by three protocols, good and bad. The publisher goes on as soon as the good
 * ones have what it sent, so that nothing depends on the speed of the machine.
 */
class ManyViewersIT {
    private static final int GROUP = 8;
    private static final int FRAME_MS = 40;
    private static final int GOOD = 140;
    private static final int BAD = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The kernel takes some megabytes for who reads nothing, before the server notices. */
    private static final int MAX_GROUPS = 1000;

    /** In the caches of threads that outlive the test. */
    private static final int FEW_BUFFERS = 64;

    /** What a JVM starts and opens by itself meanwhile; each viewer would be one more. */
    private static final int FEW = 8;

    private final List<LoadViewer> good = new ArrayList<>();
    private final long buffersBefore = buffers();
    private RtmpFixture server;
    private MediaServer http;
    private TestPublisher publisher;
    private Selector selector;
    private int next;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
        server.camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        String limits = "?sendLatency=0&maxBacklogBytes=131072&maxBehind=1s";
                        from("rtmp:listen/in/demo?memoryLimit=33554432").to("ring:demo");
                        from("ring:demo").to("rtmp:listen/live/demo" + limits);
                        from("ring:demo").to("http-flv:demo" + limits);
                        from("ring:demo").to("http-ts:demo" + limits);
                    }
                });
        http = new MediaServer(server.camel);
        selector = Selector.open();
        publisher = publish();
    }

    @AfterEach
    void stop() throws Exception {
        for (LoadViewer viewer : good) {
            viewer.close();
        }
        publisher.close();
        selector.close();
        http.close();
        server.close();
        // No media is held by anything any more.
        await().atMost(PATIENCE).until(() -> buffers() <= buffersBefore + FEW_BUFFERS);
    }

    private TestPublisher publish() throws Exception {
        TestPublisher made = new TestPublisher(server.port());
        made.connect("in", Map.of());
        assertThat(made.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
        made.send(MessageType.VIDEO, 1, 0, NumberedFrames.sequenceHeader());
        return made;
    }

    private LoadViewer viewer(int index, boolean small) throws IOException {
        LoadViewer.Kind[] kinds = LoadViewer.Kind.values();
        LoadViewer.Kind kind = kinds[index % kinds.length];
        int port = kind == LoadViewer.Kind.RTMP ? server.port() : http.port();
        return new LoadViewer(kind, port, GROUP, selector, small);
    }

    private long viewers() {
        ViewerCounter counter = ViewerCounter.of(server.camel);
        return Stream.of("rtmp", "http_flv", "mpegts")
                .mapToLong(protocol -> counter.viewers("demo", protocol))
                .sum();
    }

    /** Sends a group of pictures; a publisher's own time starts anew with its first. */
    private void sendGroup(int firstNumber) throws Exception {
        for (int i = 0; i < GROUP; i++) {
            int time = (next - firstNumber) * FRAME_MS;
            publisher.send(MessageType.VIDEO, 1, time, NumberedFrames.tag(next++, GROUP));
        }
    }

    /** Reads what comes until something is so; what is wrong with it ends the test. */
    private void readUntil(BooleanSupplier done) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            selector.select(100);
            for (SelectionKey key : selector.selectedKeys()) {
                LoadViewer viewer = (LoadViewer) key.attachment();
                viewer.read();
                assertThat(viewer.complaint()).isEmpty();
            }
            selector.selectedKeys().clear();
            selector.keys().stream()
                    .filter(key -> key.isValid() && ((LoadViewer) key.attachment()).isEnded())
                    .forEach(SelectionKey::cancel);
        }
    }

    /** The last picture is only known to be whole in a transport stream when the next one comes. */
    private boolean haveAll() {
        return good.stream().allMatch(viewer -> viewer.number() >= next - 2);
    }

    private void join(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            good.add(viewer(i, false));
        }
        readUntil(() -> viewers() == count);
        sendGroup(0);
        sendGroup(0);
        readUntil(this::haveAll);
    }

    @Test
    void badViewersCostTheGoodOnesNothing() throws Exception {
        int files = openFiles();
        int threads = Thread.activeCount();
        join(GOOD);
        List<LoadViewer> silent = new ArrayList<>();
        List<LoadViewer> slow = new ArrayList<>();
        for (int i = 0; i < BAD; i++) {
            silent.add(viewer(i, true));
            slow.add(viewer(i, true));
        }
        cancel(silent);
        cancel(slow);
        readUntil(() -> viewers() == GOOD + 2L * BAD);
        int groups = 0;
        // Until all that do not keep up are gone: that takes as long as the kernel makes it.
        while (viewers() > GOOD) {
            assertThat(++groups).as("groups sent").isLessThan(MAX_GROUPS);
            sendGroup(0);
            if (groups % 25 == 0) {
                slow.forEach(LoadViewer::readByte);
                comeAndVanish();
            }
            readUntil(this::haveAll);
        }
        assertThat(good).allMatch(viewer -> !viewer.isEnded());
        for (LoadViewer viewer : Stream.of(good, silent, slow).flatMap(List::stream).toList()) {
            viewer.close();
        }
        good.clear();
        selector.selectNow(); // only now are sockets closed that were registered
        await().atMost(PATIENCE).until(() -> viewers() == 0);
        await().atMost(PATIENCE).until(() -> openFiles() <= files + FEW);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + FEW);
    }

    private void cancel(List<LoadViewer> viewers) {
        selector.keys().stream()
                .filter(key -> viewers.contains((LoadViewer) key.attachment()))
                .forEach(SelectionKey::cancel);
    }

    private void comeAndVanish() throws IOException {
        for (int i = 0; i < BAD; i++) {
            viewer(i, false).vanish();
        }
    }

    @Test
    void viewersStayWhenThePublisherComesBackTenTimes() throws Exception {
        join(3);
        for (int life = 1; life <= 10; life++) {
            publisher.close();
            int events = 2 * life;
            await().atMost(PATIENCE).until(() -> server.events.size() == events);
            publisher = publish();
            int first = next;
            sendGroup(first);
            sendGroup(first);
            readUntil(this::haveAll);
        }
        assertThat(good).allMatch(viewer -> !viewer.isEnded());
    }

    private static int openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }

    /** Pooled direct buffers that somebody holds; those in the caches of ended threads are free. */
    private static long buffers() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }
}
