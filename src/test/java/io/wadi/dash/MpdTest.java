package io.wadi.dash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lindstrom.mpd.MPDParser;
import io.lindstrom.mpd.data.AdaptationSet;
import io.lindstrom.mpd.data.FrameRate;
import io.lindstrom.mpd.data.MPD;
import io.lindstrom.mpd.data.Period;
import io.lindstrom.mpd.data.Segment;
import io.lindstrom.mpd.data.SegmentTemplate;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.segment.CmafPackager;
import io.wadi.segment.TsFeeder;
import io.wadi.testing.Tools;

import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

class MpdTest {
    private static final int SECONDS = 5;

    @TempDir private static Path folder;
    private static byte[] source;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final long start = Instant.now().getEpochSecond() * 90_000;
    private DashServer server;
    private DashProducer producer;

    @BeforeAll
    static void makeSource() throws Exception {
        Path file = folder.resolve("source.ts");
        Tools.make(
                file,
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=320x180:r=30000/1001",
                "-f",
                "lavfi",
                "-i",
                "sine=440:r=44100",
                "-t",
                Integer.toString(SECONDS),
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-g",
                "30",
                "-c:a",
                "aac",
                "-metadata:s:a:0",
                "language=deu",
                "-f",
                "mpegts");
        source = Files.readAllBytes(file);
    }

    @BeforeEach
    void open() throws Exception {
        camel.start();
        server = new DashServer(MediaRoutes.of(camel));
        producer = start("dash:demo?segmentDuration=1s");
    }

    @AfterEach
    void close() throws IOException {
        producer.stop();
        server.close();
        camel.close();
    }

    private DashProducer start(String uri) throws Exception {
        DashProducer made = (DashProducer) camel.getEndpoint(uri).createProducer();
        made.start();
        return made;
    }

    private void feed(DashProducer to, long at, int flags) {
        try (TsFeeder feeder = new TsFeeder(to, at)) {
            feeder.restart(flags);
            feeder.push(source);
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.url(path))).build();
            return client.send(request, BodyHandlers.ofString()).body();
        }
    }

    private MPD mpd() throws Exception {
        return new MPDParser().parse(get("demo/index.mpd"));
    }

    private static SegmentTemplate template(AdaptationSet set) {
        return set.getRepresentations().getFirst().getSegmentTemplate();
    }

    @Test
    void hasNothingBeforeTheFirstSegment() throws Exception {
        assertThat(get("demo/index.mpd")).contains("no DASH segments yet");
    }

    @Test
    void keepsAPlayerWaitingForTheFirstSegment() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server.url("demo/index.mpd"))).build();
            var early = client.sendAsync(request, BodyHandlers.ofString());
            Awaitility.await().until(() -> server.requests() == 1);
            assertThat(early).isNotDone();

            feed(producer, start, 0);

            assertThat(early.get(10, TimeUnit.SECONDS).body()).contains("<MPD");
        }
    }

    /** The earliest segment that was asked for is where an encoder is to start. */
    @Test
    void remembersWhatARungThatRestsWasAskedFor() {
        CmafPackager packager =
                CmafPackager.acquire(
                        camel,
                        "demo/track_2",
                        camel.getEndpoint("dash:demo/track_2", DashEndpoint.class).options());
        RenditionOffer offer =
                new RenditionOffer(
                        RenditionOffer.State.ON_DEMAND, "", 2, 2, 25, 1, 1, List.of(), false);
        var rests = new DashStream.Rendition("track_2", packager, () -> Optional.of(offer));
        assertThat(rests.wantedDts()).isEqualTo(Unit.NO_TIME);
        for (long dts : new long[] {700, 500, 900}) {
            rests.askedFor(dts);
        }
        assertThat(rests.wantedDts()).isEqualTo(500);
        var steady = new DashStream.Rendition("track_2", packager);
        steady.askedFor(500);
        assertThat(steady.wantedDts()).isEqualTo(Unit.NO_TIME);
        CmafPackager.release(camel, packager);
    }

    private static RenditionOffer onDemand(long bps) {
        return new RenditionOffer(
                RenditionOffer.State.ON_DEMAND,
                "",
                160,
                90,
                25,
                bps,
                bps,
                List.of("avc1.42C00C"),
                false);
    }

    private static double listedSeconds(SegmentTemplate template) {
        long ticks = 0;
        for (Segment element : template.getSegmentTimeline()) {
            ticks += element.getD() * (1 + Optional.ofNullable(element.getR()).orElse(0L));
        }
        return ticks / 90_000.0;
    }

    /** What a player may ask for by its time is listed: an encoder begins there. */
    @Test
    void aRungThatRestsIsListedAsFarBackAsAnEncoderGoes() throws Exception {
        Rings.of(camel).acquire("demo/track_2").setOffer(Optional.of(onDemand(1000)));
        DashProducer rung = start("dash:demo/track_2?segmentDuration=1s");
        DashProducer other = start("dash:demo/track_1?segmentDuration=1s&window=40");
        try {
            Path film = folder.resolve("film.ts");
            String film20 = "-f lavfi -i testsrc2=s=64x64:r=25:d=20 -c:v libx264 -g 25 -f mpegts";
            Tools.make(film, film20.split(" ", -1));
            try (TsFeeder feeder = new TsFeeder(other, start)) {
                feeder.push(Files.readAllBytes(film));
            }
            var rungs = mpd().getPeriods().getFirst().getAdaptationSets().getFirst();
            double[] seconds =
                    rungs.getRepresentations().stream()
                            .mapToDouble(rendition -> listedSeconds(rendition.getSegmentTemplate()))
                            .toArray();
            assertThat(seconds).hasSize(2);
            assertThat(seconds[0]).isGreaterThan(18);
            assertThat(seconds[1]).isBetween(12.0, 13.0);
        } finally {
            rung.stop();
            other.stop();
            Rings.of(camel).release("demo/track_2");
        }
    }

    /** However long its encoder takes to start: nobody would answer else. */
    @Test
    void aRungIsNotIdleWhileAPlayerWaitsForIt() throws Exception {
        Rings.of(camel).acquire("demo/track_2").setOffer(Optional.of(onDemand(1000)));
        DashProducer rung = start("dash:demo/track_2?segmentDuration=1s");
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(rung.idleNanos()).isEqualTo(Long.MAX_VALUE);
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server.url("demo/track_2/init_v.mp4")))
                            .build();
            var early = client.sendAsync(request, BodyHandlers.ofString());
            Awaitility.await().until(() -> rung.idleNanos() == 1);
            assertThat(early).isNotDone();
            feed(rung, start, 0);
            assertThat(early.get(10, TimeUnit.SECONDS).body()).contains("ftyp");
            Awaitility.await().until(() -> rung.idleNanos() > 1);
        } finally {
            rung.stop();
            Rings.of(camel).release("demo/track_2");
        }
    }

    /** As far behind as players fetch, where they have not said what they want of it. */
    @Test
    void aRungIsWokenWherePlayersAre() throws Exception {
        Rings.of(camel).acquire("demo/track_2").setOffer(Optional.of(onDemand(1000)));
        DashProducer rung = start("dash:demo/track_2?segmentDuration=1s");
        try (HttpClient client = HttpClient.newHttpClient()) {
            feed(producer, start, 0);
            assertThat(rung.wantedDts()).isEqualTo(Unit.NO_TIME);
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(server.url("demo/track_2/init_v.mp4")))
                            .build();
            var init = client.sendAsync(request, BodyHandlers.ofString());
            Awaitility.await().until(() -> rung.idleNanos() == 1);
            long newest = rung.wantedDts() + 13 * 90_000;
            assertThat(newest - start).isBetween(3 * 90_000L, 8 * 90_000L);
            get("demo/seg_v_00001.m4s");
            assertThat(newest - rung.wantedDts()).isBetween(2 * 90_000L, 5 * 90_000L);
            feed(rung, start, 0);
            assertThat(init.get(10, TimeUnit.SECONDS).body()).contains("ftyp");
        } finally {
            rung.stop();
            Rings.of(camel).release("demo/track_2");
        }
    }

    @Test
    void countsItsViewers() throws Exception {
        feed(producer, start, 0);
        mpd();
        mpd();

        assertThat(ViewerCounter.of(camel).viewers("demo", "dash")).isEqualTo(1);
        assertThat(ViewerCounter.of(camel).bytes("demo", "dash")).isPositive();
    }

    @Test
    void describesTheTracks() throws Exception {
        feed(producer, start, 0);
        MPD mpd = mpd();
        assertThat(mpd.getAvailabilityStartTime().toInstant()).isEqualTo(Instant.EPOCH);
        assertThat(mpd.getUtcTimings().getFirst().getValue()).isEqualTo(server.url("demo/time"));
        assertThat(Instant.parse(get("demo/time"))).isAfter(Instant.EPOCH);
        List<AdaptationSet> sets = mpd.getPeriods().getFirst().getAdaptationSets();
        assertThat(sets).hasSize(2);
        var picture = sets.get(0).getRepresentations().getFirst();
        assertThat(picture.getFrameRate()).isEqualTo(new FrameRate(30_000, 1001L));
        assertThat(picture.getCodecs()).startsWith("avc1.");
        assertThat(sets.get(1).getLang()).isEqualTo("deu");
        assertThat(sets.get(1).getRepresentations().getFirst().getCodecs()).isEqualTo("mp4a.40.2");
        assertThat(template(sets.get(0)).getTimescale()).isEqualTo(90_000);
        assertThat(template(sets.get(1)).getTimescale()).isEqualTo(44_100);
    }

    @Test
    void timeAddsUpAcrossADiscontinuity() throws Exception {
        feed(producer, start, 0);
        feed(producer, start + 7 * 90_000, Unit.DISCONTINUITY);
        List<Period> periods = mpd().getPeriods();
        assertThat(periods).hasSize(2);
        assertThat(periods.get(1).getStart().minus(periods.get(0).getStart()).toMillis())
                .isEqualTo(7000);
        for (Period period : periods) {
            for (AdaptationSet set : period.getAdaptationSets()) {
                SegmentTemplate template = template(set);
                double scale = template.getTimescale();
                // AST is 1970, so media time and wall clock are the same number.
                assertThat(template.getPresentationTimeOffset() / scale)
                        .isCloseTo(period.getStart().toMillis() / 1000.0, within(1 / scale));
                long next = -1;
                long number = template.getStartNumber();
                for (Segment segment : template.getSegmentTimeline()) {
                    assertThat(next >= 0 || segment.getT() != null).isTrue();
                    assertThat(segment.getT()).isIn(null, next < 0 ? segment.getT() : next);
                    long repeats = segment.getR() == null ? 0 : segment.getR();
                    next = segment.getT() == null ? next : segment.getT();
                    next += (repeats + 1) * segment.getD();
                    number += repeats + 1;
                }
                long first = template.getSegmentTimeline().getFirst().getT();
                assertThat(first - template.getPresentationTimeOffset())
                        .isBetween(0L, (long) (0.03 * scale));
                String name = template.getMedia().replace("$Number%05d$", "%05d");
                assertThat(get("demo/" + name.formatted(number - 1))).isNotEmpty();
                assertThat(get("demo/" + template.getInitialization())).contains("ftyp");
            }
        }
    }

    @Test
    void oldPeriodsLeaveWithTheirLastSegment() throws Exception {
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            feed(producer, start + i * 7L * 90_000, i == 0 ? 0 : Unit.DISCONTINUITY);
            List<String> ids = mpd().getPeriods().stream().map(Period::getId).toList();
            assertThat(ids).hasSizeLessThanOrEqualTo(4).doesNotHaveDuplicates();
            // Those that stay keep their ids and their order.
            List<String> stay = seen.stream().filter(ids::contains).toList();
            assertThat(ids.subList(0, stay.size())).isEqualTo(stay);
            seen = ids;
        }
        assertThat(seen).hasSizeLessThan(5);
    }

    @Test
    void aLadderIsOneSetOfPicturesWithAudioOnce() throws Exception {
        DashProducer rung = start("dash:demo/track_1?segmentDuration=1s");
        try {
            feed(producer, start, 0);
            feed(rung, start, 0);
            List<AdaptationSet> sets = mpd().getPeriods().getFirst().getAdaptationSets();
            assertThat(sets)
                    .extracting(AdaptationSet::getContentType)
                    .containsExactly("video", "audio");
            assertThat(sets.getFirst().getRepresentations())
                    .extracting(r -> r.getId())
                    .containsExactlyInAnyOrder("v", "track_1-v");
            assertThat(get("demo/track_1/init_v.mp4")).contains("ftyp");
            assertThat(get("demo/track_1/seg_v_00000.m4s")).contains("moof");
        } finally {
            rung.stop();
        }
        assertThat(
                        mpd().getPeriods()
                                .getFirst()
                                .getAdaptationSets()
                                .getFirst()
                                .getRepresentations())
                .hasSize(1);
    }

    /**
     * The transcoder switched on: where players are stays as it was, and what follows is behind.
     */
    @Test
    void aLadderFollowsWhatWasBefore() throws Exception {
        feed(producer, start, 0);
        Period before = mpd().getPeriods().getFirst();
        long last = lastNumber(template(before.getAdaptationSets().getFirst()));
        producer.stop();
        assertThat(mpd().getPeriods()).as("while nothing follows").containsExactly(before);
        DashProducer rung = start("dash:demo/track_1?segmentDuration=1s");
        try {
            assertThat(mpd().getPeriods()).as("before its first segment").containsExactly(before);
            feed(rung, start + 7 * 90_000, 0);
            List<Period> periods = mpd().getPeriods();
            assertThat(periods).hasSize(2);
            assertThat(periods.getFirst()).isEqualTo(before);
            AdaptationSet pictures = periods.get(1).getAdaptationSets().getFirst();
            assertThat(pictures.getRepresentations().getFirst().getId()).isEqualTo("track_1-v");
            assertThat(template(pictures).getStartNumber()).isGreaterThan(last);
            assertThat(template(pictures).getInitialization()).isEqualTo("track_1/init_v_2.mp4");
            for (String file : List.of("init_v.mp4", "seg_v_%05d.m4s".formatted(last))) {
                assertThat(get("demo/" + file)).as(file).isNotEmpty();
            }
        } finally {
            rung.stop();
        }
        producer.start();
        feed(producer, start + 14 * 90_000, 0);
        List<Period> periods = mpd().getPeriods();
        assertThat(periods).hasSize(3);
        assertThat(template(periods.getLast().getAdaptationSets().getFirst()).getInitialization())
                .as("no name means something else than before")
                .isEqualTo("init_v_3.mp4");
    }

    private static long lastNumber(SegmentTemplate template) {
        long segments =
                template.getSegmentTimeline().stream()
                        .mapToLong(s -> 1 + (s.getR() == null ? 0 : s.getR()))
                        .sum();
        return template.getStartNumber() + segments - 1;
    }

    /** A rung that is removed is no generation of its own: the others go on. */
    @Test
    void aRungThatLeavesLeavesAtOnce() throws Exception {
        DashProducer rung = start("dash:demo/track_1?segmentDuration=1s");
        feed(producer, start, 0);
        feed(rung, start, 0);
        rung.stop();
        assertThat(mpd().getPeriods()).hasSize(1);
        assertThat(
                        mpd().getPeriods()
                                .getFirst()
                                .getAdaptationSets()
                                .getFirst()
                                .getRepresentations())
                .hasSize(1);
        assertThat(get("demo/track_1/seg_v_00000.m4s")).as("for who is on the way").isNotEmpty();
    }

    @Test
    void namesThatAreNoFilesAreNotFound() throws Exception {
        feed(producer, start, 0);
        for (String name :
                List.of(
                        "seg_v_1.m4s",
                        "seg_v_99999.m4s",
                        "seg_x_00000.m4s",
                        "init_v_9.mp4",
                        "init_v.mp4.bak",
                        "track_9/init_v.mp4",
                        "seg_v_99999999999999999999.m4s")) {
            assertThat(get("demo/" + name)).as(name).isEmpty();
        }
    }
}
