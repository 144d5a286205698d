package io.wadi.hls;

import static io.wadi.testing.Golden.assertGolden;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResponse;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.Unit;
import io.wadi.segment.Segment;
import io.wadi.segment.SegmentWindow;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Playlists of segments that are made up, to the letter. */
class PlaylistGoldenTest {
    private static final Instant START = Instant.parse("2026-01-02T03:04:05.678901Z");

    private record Naming(boolean fragmented) implements MediaPlaylists.Naming {
        @Override
        public String segment(Segment segment) {
            return fragmented
                    ? "seg_v_%05d.m4s".formatted(segment.number())
                    : "seg_%06d.ts".formatted(segment.number());
        }

        @Override
        public String init(Segment segment) {
            String version = segment.number() < 44 ? "" : "_2";
            return fragmented ? "init_v" + version + ".mp4" : "";
        }
    }

    private static Segment segment(long number, long durationTicks, boolean discontinuity) {
        long ticks = number * 180_000;
        return new Segment(
                number,
                ticks,
                durationTicks,
                discontinuity,
                START.plusMillis(number * 2000),
                Unpooled.buffer().writeZero(250_000 + (int) number));
    }

    /** The window has moved over a discontinuity, and shows two more. */
    private static SegmentWindow window() {
        SegmentWindow window = new SegmentWindow(5, 1, 3);
        window.add(segment(40, 180_000, true));
        window.add(segment(41, 180_000, false));
        window.add(segment(42, 540_001, true));
        window.add(segment(43, 179_999, false));
        window.add(segment(44, 3003, true));
        window.add(segment(45, 1, false));
        return window;
    }

    private static String text(Document document) {
        ByteBuf bytes = document.bytes();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String media(boolean fragmented, SegmentWindow window) {
        return text(
                new MediaPlaylists(Duration.ofSeconds(2), fragmented, new Naming(fragmented))
                        .of(window.snapshot()));
    }

    @Test
    void mediaPlaylists() throws Exception {
        try (SegmentWindow window = window();
                SegmentWindow none = new SegmentWindow(5, 1, 0)) {
            assertGolden("hls/media-ts.m3u8", media(false, window));
            assertGolden("hls/media-fmp4.m3u8", media(true, window));
            assertGolden("hls/media-empty.m3u8", media(false, none));
        }
    }

    @Test
    void masterPlaylists() throws Exception {
        List<Rendition.Alternative> audio =
                List.of(
                        new Rendition.Alternative("audio.m3u8", "deu", 2),
                        new Rendition.Alternative("audio2.m3u8", "", 0));
        Rendition high =
                new Described(
                        "track_1",
                        new Rendition.Description(
                                "video.m3u8",
                                2_612_345,
                                2_498_001,
                                List.of("avc1.64001f", "mp4a.40.2"),
                                1280,
                                720,
                                29.97002997,
                                true,
                                audio));
        Rendition low =
                new Described(
                        "track_2",
                        new Rendition.Description(
                                "video.m3u8",
                                812_345,
                                798_001,
                                List.of("avc1.42c01e", "mp4a.40.2"),
                                640,
                                360,
                                29.97002997,
                                true,
                                audio));
        Rendition sound =
                new Described(
                        "",
                        new Rendition.Description(
                                "media.m3u8",
                                128_000,
                                127_001,
                                List.of(),
                                0,
                                0,
                                0,
                                false,
                                List.of()));
        assertGolden(
                "hls/master-ladder.m3u8",
                text(MasterPlaylists.of(List.of(listed(high), listed(low)))));
        assertGolden("hls/master-sound.m3u8", text(MasterPlaylists.of(List.of(listed(sound)))));
        assertGolden("hls/master-one.m3u8", text(MasterPlaylists.ofOne(high)));
    }

    private static ListedRendition listed(Rendition rendition) {
        return new ListedRendition(rendition, Optional::empty);
    }

    /** Only describes itself. */
    private record Described(String name, Rendition.Description description) implements Rendition {
        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public boolean isPlayable() {
            return true;
        }

        @Override
        public Document index() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Rendition.Description> describe() {
            return List.of(description);
        }

        @Override
        public Rendition.Description promise(RenditionOffer offer) {
            return description;
        }

        @Override
        public int serve(String file, MediaRequest request, MediaResponse response) {
            return -1;
        }

        @Override
        public void onUnit(Unit unit) {}

        @Override
        public void retire() {}

        @Override
        public void close() {}
    }
}
