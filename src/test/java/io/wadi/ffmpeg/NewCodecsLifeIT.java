package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.segment.TsFeed;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Rungs of AV1 and VP9 rest, wake, are killed and come back as others do. */
@Tag("slow")
class NewCodecsLifeIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int GOP = 90_000;
    private static final int SECONDS = 10;
    private static final int SOUND_SECONDS = 4;

    private static final String STEADY =
            """
            {"video":{"profiles":[{"width":640,"height":360,"bitrate":500,"preset":"ultrafast",
              "keyframe_interval":1}]},"audio":{"bitrate":64}}
            """;
    private static final String RESTING =
            """
            {"first_track":2,"video":{"on_demand_idle_sec":3,"profiles":[{"width":320,"height":180,
              "bitrate":200,"preset":"ultrafast","keyframe_interval":1,"codec":"CODEC",
              "on_demand":true}]},"audio":{"codec":"opus","bitrate":64}}
            """;

    @TempDir Path folder;

    private LiveLadder ladder(String codec) throws Exception {
        return new LiveLadder(
                folder,
                "?segmentDuration=1s&container=fmp4",
                2,
                List.of(STEADY, RESTING.replace("CODEC", codec)));
    }

    private static RingEntry entry(LiveLadder ladder, String id) {
        return Rings.of(ladder.context).find(id).orElseThrow();
    }

    private static String playlist(LiveLadder ladder) throws Exception {
        return ladder.get("track_2/video.m3u8").body();
    }

    @ParameterizedTest
    @ValueSource(strings = {"av1", "vp9"})
    @RequiresTool({"ffmpeg", "ffprobe"})
    void wakesIsKilledComesBackAndRests(String codec) throws Exception {
        try (LiveLadder ladder = ladder(codec)) {
            ladder.source("640x360");
            await().atMost(LIMIT).until(() -> ladder.rung(1).status().equals("active"));
            assertThat(ladder.rung(2).status()).isEqualTo("idle");
            TreeSet<Long> times = new TreeSet<>();
            TreeSet<Long> keys = new TreeSet<>();
            Queue<String> backwards = new ConcurrentLinkedQueue<>();
            TreeSet<Long> steady = new TreeSet<>();
            watch(ladder, "demo/track_2", times, keys, backwards);
            watch(ladder, "demo/track_1", new TreeSet<>(), steady, backwards);
            assertThat(playlist(ladder)).contains("#EXTINF");
            long pid = ladder.rung(2).pid();
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            await().atMost(LIMIT)
                    .until(
                            () ->
                                    playlist(ladder).contains("#EXTM3U")
                                            && ladder.rung(2).restarts() == 1
                                            && ladder.rung(2).status().equals("active"));
            long newest = entry(ladder, "demo/track_2").newestRenditionDts();
            await().atMost(LIMIT)
                    .until(
                            () ->
                                    playlist(ladder).contains("#EXTM3U")
                                            && entry(ladder, "demo/track_2").newestRenditionDts()
                                                    > newest + 4 * GOP);
            assertThat(ladder.rung(2).pid()).isNotIn(0L, pid);
            await().atMost(LIMIT).until(() -> ladder.rung(2).status().equals("idle"));
            assertThat(ladder.rung(2).pid()).isZero();
            assertThat(backwards).isEmpty();
            synchronized (NewCodecsLifeIT.class) {
                long from = keys.first() + 1;
                long to = keys.last();
                // The first of a life may be anywhere.
                assertThat(keys.subSet(from, to).stream().filter(steady::contains).count())
                        .isGreaterThanOrEqualTo(3);
                assertThat(times).hasSizeGreaterThan(100);
            }
        }
    }

    private static void watch(
            LiveLadder ladder,
            String ring,
            NavigableSet<Long> times,
            Set<Long> keys,
            Queue<String> backwards) {
        UnitSink nobody =
                new UnitSink() {
                    @Override
                    public void onUnit(Unit unit) {
                        note(unit, times, keys, backwards);
                    }

                    @Override
                    public long idleNanos() {
                        return Long.MAX_VALUE;
                    }
                };
        entry(ladder, ring).ring().addSink(nobody);
    }

    private static void note(
            Unit unit, NavigableSet<Long> times, Set<Long> keys, Queue<String> bad) {
        if (!unit.isVideo()) {
            return;
        }
        synchronized (NewCodecsLifeIT.class) {
            if (unit.isRandomAccess()) {
                keys.add(unit.pts());
            }
            if (!times.isEmpty() && unit.pts() <= times.last()) {
                bad.add(unit.pts() + " after " + times.last());
            }
            times.add(unit.pts());
        }
    }

    /** What stands in for a stream of AV1 or VP9 is such, too. */
    @ParameterizedTest
    @ValueSource(strings = {"av1", "vp9"})
    @RequiresTool("ffmpeg")
    void slateHasTheCodecOfItsStream(String codec) throws Exception {
        Tools.make(
                folder.resolve("off.png"),
                "-f",
                "lavfi",
                "-i",
                "testsrc=s=320x180",
                "-frames",
                "1");
        String rung = STEADY.replace("\"width\"", "\"codec\":\"" + codec + "\",\"width\"");
        try (LiveLadder ladder = new LiveLadder(folder, "?container=fmp4", 1, List.of(rung))) {
            ladder.context
                    .getComponent("ffmpeg", FfmpegComponent.class)
                    .setSlateDir(folder.toString());
            ladder.source("640x360");
            await().atMost(LIMIT).until(() -> entry(ladder, "demo/track_1").tracks().size() == 2);
            List<TrackFormat> stream = entry(ladder, "demo/track_1").tracks();
            RingEntry slate = Rings.of(ladder.context).acquire("slate");
            AtomicInteger keys = new AtomicInteger();
            slate.ring().addSink(u -> keys.addAndGet(u.isVideo() && u.isRandomAccess() ? 1 : 0));
            ladder.context.addRoutes(
                    new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("ffmpeg:slate?ring=demo/track_1&file=off.png").to("ring:slate");
                        }
                    });
            await().atMost(LIMIT).until(() -> keys.get() >= 3);
            assertThat(slate.formats().keySet())
                    .isEqualTo(entry(ladder, "demo/track_1").formats().keySet());
            VideoFormat wanted = (VideoFormat) stream.getFirst();
            VideoFormat made = (VideoFormat) slate.tracks().getFirst();
            assertThat(made.codec()).isEqualTo(CodecId.valueOf(wanted.codec().name()));
            assertThat(made.width() + "x" + made.height()).isEqualTo("640x360");
            assertThat(((AudioFormat) slate.tracks().getLast()).codec()).isEqualTo(CodecId.AAC);
            Rings.of(ladder.context).release("slate");
        }
    }

    /** What comes of sound that ends in the middle, and of sound alone. */
    @Test
    @RequiresTool("ffmpeg")
    void picturesDoNotWaitForSoundThatIsOver() throws Exception {
        String picture = "-f lavfi -i testsrc2=s=320x180:r=25";
        String h264 = " -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac";
        byte[] breaksOff = source(picture + " -f lavfi -i sine=r=48000:d=" + SOUND_SECONDS + h264);
        byte[] alone = source("-f lavfi -i sine=r=48000 -c:a aac");
        String json = STEADY.replace("\"width\"", "\"codec\":\"vp9\",\"width\"");
        try (LadderFixture fixture = new LadderFixture(folder, Tools.ffmpeg(), 0);
                AutoCloseable _ = () -> release(fixture, "over", "alone");
                TsFeed first = new TsFeed(Rings.of(fixture.camel).acquire("over").input(0));
                TsFeed second = new TsFeed(Rings.of(fixture.camel).acquire("alone").input(0))) {
            fixture.encode("over", json);
            fixture.encode("alone", json);
            fixture.camel.start();
            fixture.camel.getComponent("ffmpeg", FfmpegComponent.class).probe();
            TreeSet<Long> times = new TreeSet<>();
            Queue<String> backwards = new ConcurrentLinkedQueue<>();
            fixture.ring("over", 1).addSink(u -> note(u, times, new TreeSet<>(), backwards));
            Future<?> over = first.pace(breaksOff, 0, Duration.ofSeconds(SECONDS));
            Future<?> sound = second.pace(alone, 0, Duration.ofSeconds(SECONDS));
            over.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            sound.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            // More than have sound; the first seconds may have passed before the encoder was there.
            await().atMost(LIMIT).until(() -> times.size() > (SOUND_SECONDS + 1) * 25);
            assertThat(times.last() - times.first()).isEqualTo((times.size() - 1) * 3600L);
            assertThat(backwards).isEmpty();
            assertThat(fixture.rung("over", 1).restarts()).isZero();
            await().atMost(LIMIT).until(() -> fixture.ring("alone", 1).stats().units() > 200);
            assertThat(fixture.rung("alone", 1).restarts()).isZero();
            assertThat(Rings.of(fixture.camel).find("alone/track_1").orElseThrow().tracks())
                    .singleElement()
                    .isInstanceOf(AudioFormat.class);
        }
    }

    private static void release(LadderFixture fixture, String... rings) {
        for (String ring : rings) {
            Rings.of(fixture.camel).release(ring);
        }
    }

    private byte[] source(String arguments) throws Exception {
        Path file = folder.resolve("source.ts");
        List<String> all = new ArrayList<>(List.of(arguments.split(" ", -1)));
        all.addAll(List.of("-t", "" + SECONDS, "-output_ts_offset", "10", "-muxdelay", "0"));
        Tools.make(file, all.toArray(String[]::new));
        return Files.readAllBytes(file);
    }
}
