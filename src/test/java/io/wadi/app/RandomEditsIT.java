package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;

import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.ring.Rings;
import io.wadi.testing.RequiresTool;

import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Random edits of streams and templates under load, a third of them broken: nothing is left behind,
 * and the streams that nobody edits lose no picture. A hundred by default; {@code
 * -Dedits.count=1000} for the long run, {@code -Dedits.seed=} for another one.
 */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe", "stdbuf"})
class RandomEditsIT {
    private static final Logger LOG = LoggerFactory.getLogger(RandomEditsIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Edits after which every pool and cache has been filled. */
    private static final int WARM_UP = 40;

    /** Threads and handles that come and go by themselves: pools, keep-alive, timers. */
    private static final long SLACK = 8;

    /** The rings of the streams that go on breathe with their groups of pictures. */
    private static final long BREATH_BYTES = 4L << 20;

    private static final long HEAP_BREATH_BYTES = 24L << 20;

    /** What must not grow. */
    private record Footprint(
            long routes,
            long definitions,
            Set<String> endpoints,
            long rings,
            long threads,
            long handles,
            long children,
            long directBytes) {
        boolean isWithin(Footprint before) {
            return routes == before.routes
                    && definitions == before.definitions
                    && endpoints.equals(before.endpoints)
                    && rings == before.rings
                    && threads <= before.threads + SLACK
                    && handles <= before.handles + SLACK
                    && children <= before.children
                    && directBytes <= before.directBytes + BREATH_BYTES;
        }
    }

    @TempDir private Path folder;
    private LiveServer server;

    @BeforeEach
    void start() throws Exception {
        server = new LiveServer(folder, Integer.getInteger("edits.count", 100) > 200 ? 450 : 150);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void steady(String code) throws Exception {
        server.create(
                code,
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/"
                        + code
                        + "\"}], \"packaging\": {\"segment\": \"1s\", \"window\": 4},"
                        + " \"protocols\": {\"hls\": true, \"mpegts\": true, \"rtmp\": true}}");
        server.publish(server.rtmpPort(), code);
        await().atMost(PATIENCE).until(() -> server.status(code, 0).equals("active"));
    }

    private Map<String, Route> steadyRoutes() {
        return server.routes("steady-");
    }

    private Footprint footprint() {
        var model =
                server.camel
                        .getCamelContextExtension()
                        .getContextPlugin(org.apache.camel.model.Model.class);
        return new Footprint(
                server.camel.getRoutes().size(),
                model.getRouteDefinitions().size() + model.getRouteTemplateDefinitions().size(),
                server.camel.getEndpoints().stream()
                        .map(Endpoint::getEndpointUri)
                        .collect(Collectors.toCollection(TreeSet::new)),
                Rings.of(server.camel).ids().size(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getOpenFileDescriptorCount(),
                ProcessHandle.current().descendants().count(),
                PooledByteBufAllocator.DEFAULT.pinnedDirectMemory());
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** A file counts when two looks saw the same. */
    private void settle() {
        server.reconciler().reconcile();
        server.reconciler().reconcile();
    }

    private void edit(RandomEdits edits, int count) throws Exception {
        int broken = 0;
        int refused = 0;
        for (int i = 0; i < count; i++) {
            Map<String, Route> before = steadyRoutes();
            RandomEdits.Edit edit = edits.next();
            settle();
            assertThat(steadyRoutes()).as(edit.what()).isEqualTo(before);
            if (edit.broken()) {
                assertThat(server.problems()).as(edit.what()).isNotEmpty();
                broken++;
            }
            refused += edit.refused() ? 1 : 0;
        }
        LOG.info("{} edits: {} broken files, {} refused requests", count, broken, refused);
    }

    @Test
    void nothingIsLeftBehindAndNobodyElseNotices() throws Exception {
        int count = Integer.getInteger("edits.count", 100);
        long seed = Long.getLong("edits.seed", 4);
        steady("steady-a");
        steady("steady-b");
        List<PacketViewer> viewers =
                List.of(
                        new PacketViewer(server, "a-ts", server.base + "/steady-a/mpegts"),
                        new PacketViewer(server, "b-ts", server.base + "/steady-b/mpegts"),
                        new PacketViewer(
                                server,
                                "a-rtmp",
                                "rtmp://127.0.0.1:" + server.rtmpPort() + "/live/steady-a"));
        for (PacketViewer viewer : viewers) {
            viewer.start();
        }
        RandomEdits edits = new RandomEdits(server, seed);
        try (PlaylistViewer pages =
                new PlaylistViewer(server.base + "/steady-b/", folder.resolve("h"), true, false)) {
            await().atMost(PATIENCE).until(() -> !pages.segments.isEmpty());
            edit(edits, WARM_UP);
            edits.clear();
            settle();
            await().atMost(PATIENCE).until(() -> Rings.of(server.camel).ids().size() == 2);
            await().atMost(PATIENCE).until(() -> server.problems().isEmpty());
            // Then the windows and rings of the steady streams are as full as they get.
            await().atMost(PATIENCE).until(() -> pages.segments.size() > 15);
            Footprint before = footprint();
            long heapBefore = heapBytes();
            LOG.info("before: {}, heap {} KB", before, heapBefore >> 10);
            long startedNanos = System.nanoTime();
            edit(edits, count);
            long tookMs = (System.nanoTime() - startedNanos) / 1_000_000;
            edits.clear();
            settle();
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () ->
                                    assertThat(footprint())
                                            .matches(f -> f.isWithin(before), "within " + before));
            await().atMost(PATIENCE).until(() -> heapBytes() <= heapBefore + HEAP_BREATH_BYTES);
            LOG.info("after: {}, heap {} KB", footprint(), heapBytes() >> 10);
            int last = pages.segments.size() + 2;
            await().atMost(PATIENCE).until(() -> pages.segments.size() > last);
            assertThat(pages.complaints).isEmpty();
            assertThat(pages.discontinuities).hasValue(0);
            for (PacketViewer viewer : viewers) {
                int pictures = viewer.assertUnbroken("seed " + seed, 0);
                LOG.info("{}: {} pictures, none missing", viewer.url, pictures);
            }
            LOG.info("{} edits in {} ms", count, tookMs);
        }
    }
}
