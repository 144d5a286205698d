package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;

import io.wadi.testing.Chromium;
import io.wadi.testing.Decoded;
import io.wadi.testing.FlashAndBeep;
import io.wadi.testing.Npm;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.xml.parsers.DocumentBuilderFactory;

/**
 * A ladder of three rungs from a published 720p test picture, from the publisher to the segments:
 * what a player gets as HLS and as DASH, and dash.js going up and down in it.
 */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe", "chromium"})
class LadderChainIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final double PATIENCE_MS = 90_000;

    /** EBU R 37, for sound that is early. */
    private static final double LIP_SYNC_SECONDS = 0.04;

    private static final long PICTURE_TICKS = 3600;
    private static final int[][] SIZES = {{640, 360}, {426, 240}, {256, 144}};
    private static final int[] KBPS = {800, 400, 150};

    private static final String DOCUMENT =
            """
            {"inputs":[{"url":"publish://"}],
             "protocols":{"hls":true,"dash":true},
             "packaging":{"segment":"1s","window":90},
             "transcoder":{"audio":{"bitrate":64},"video":{"profiles":[
               {"width":640,"height":360,"bitrate":800,"preset":"ultrafast","keyframe_interval":1},
               {"width":426,"height":240,"bitrate":400,"preset":"ultrafast","keyframe_interval":1},
               {"width":256,"height":144,"bitrate":150,"keyframe_interval":1}]}}}
            """;

    /** Starts at the bottom, goes to the top after three seconds and down again after six. */
    private static final String PAGE =
            """
            <!DOCTYPE html><video muted></video><script src="player.js"></script><script>
            window.errors = []; window.sizes = []; window.waits = 0; window.times = [];
            const video = document.querySelector('video');
            const player = dashjs.MediaPlayer().create();
            player.updateSettings({streaming: {delay: {liveDelay: 6}, abr: {autoSwitchBitrate: {video: false},
              initialBitrate: {video: 100}}}});
            player.on('error', e => errors.push(JSON.stringify(e.error ?? e)));
            video.addEventListener('resize', () => sizes.push(video.videoHeight));
            let began = null, last = 0, step = 0;
            video.addEventListener('waiting', () => { if (began !== null) waits++; });
            const change = height => player.setRepresentationForTypeById('video',
              player.getRepresentationsByType('video').find(r => r.height === height).id);
            player.initialize(video, 'index.mpd', true);
            setInterval(() => {
              if (video.currentTime < last) times.push(video.currentTime - last);
              last = video.currentTime;
              if (video.readyState < 3 || video.videoHeight === 0) return;
              began ??= video.currentTime;
              const played = video.currentTime - began;
              if (step === 0 && played > 2) { step = 1; change(360); }
              if (step === 1 && video.videoHeight === 360) { step = 2; began = last; }
              if (step === 2 && played > 2) { step = 3; change(144); }
              if (step === 3 && video.videoHeight === 144) { step = 4; began = last; }
              if (step === 4 && played > 1) window.done = true;
            }, 50);
            window.report = () => JSON.stringify({errors, sizes, waits, times, step,
              time: video.currentTime, quality: video.getVideoPlaybackQuality()});
            </script>
            """;

    private record Packet(long pts, boolean key) {}

    /** One S element of a SegmentTimeline, repetitions written out. */
    private record Listed(long number, long time, long duration) {}

    @TempDir private Path folder;
    private TestServer server;
    private Process publisher;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(folder);
        server.stream("demo", DOCUMENT);
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-nostdin", "-v", "error", "-re"));
        command.addAll(List.of("-f", "lavfi", "-i", FlashAndBeep.picture("1280x720")));
        command.addAll(List.of("-f", "lavfi", "-i", FlashAndBeep.sound()));
        command.addAll(List.of("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50"));
        command.addAll(List.of("-pix_fmt", "yuv420p", "-b:v", "4M", "-c:a", "aac", "-f", "flv"));
        command.add(server.rtmp("demo"));
        publisher = Tools.start(folder.resolve("publisher.log"), command);
        await().atMost(PATIENCE)
                .until(
                        () ->
                                server.has("demo/track_3/index.m3u8")
                                        && server.text("demo/track_3/index.m3u8")
                                                .contains("seg_000006"));
    }

    @AfterEach
    void stop() {
        publisher.destroyForcibly();
        server.close();
    }

    @Test
    void everyRungIsWhatWasAskedFor() throws Exception {
        dashJsGoesUpAndDown();
        hls();
        dash();
    }

    private void dashJsGoesUpAndDown() throws Exception {
        String dashJs = Npm.file("dashjs@5", "dist/legacy/umd/dash.all.min.js");
        try (Chromium chromium = new Chromium()) {
            Page page = chromium.open(server.http("demo/"), PAGE, dashJs);
            page.waitForFunction(
                    "window.done === true || errors.length > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(PATIENCE_MS));
            String report = (String) page.evaluate("report()");
            assertThat(page.evaluate("errors.join()")).as(report).isEqualTo("");
            assertThat(page.evaluate("sizes.join()")).as(report).isEqualTo("144,360,144");
            assertThat(page.evaluate("waits")).as(report).isEqualTo(0);
            assertThat(page.evaluate("times.length")).as(report).isEqualTo(0);
        }
    }

    private void hls() throws Exception {
        List<List<Long>> keys = new ArrayList<>();
        for (int track = 1; track <= SIZES.length; track++) {
            Path file = folder.resolve("hls-" + track + ".ts");
            String base = "demo/track_" + track + "/";
            for (String line : server.text(base + "index.m3u8").lines().toList()) {
                if (!line.startsWith("#")) {
                    append(file, server.get(base + line));
                }
            }
            assertThat(Tools.pictureSize(file))
                    .isEqualTo(SIZES[track - 1][0] + "," + SIZES[track - 1][1]);
            List<Packet> pictures = pictures(file);
            assertThat(pictures).hasSizeGreaterThan(200);
            noPictureIsMissing(pictures);
            keys.add(pictures.stream().filter(Packet::key).map(Packet::pts).toList());
            assertThat(FlashAndBeep.offsets(file))
                    .as("seconds that beeps of track %d come after their flashes", track)
                    .hasSizeGreaterThan(6)
                    .allSatisfy(s -> assertThat(Math.abs(s)).isLessThan(LIP_SYNC_SECONDS));
        }
        // The last rung may have a segment more by now.
        List<Long> first = keys.getFirst();
        for (List<Long> others : keys) {
            assertThat(others).startsWith(first.toArray(Long[]::new));
        }
    }

    private void dash() throws Exception {
        List<List<Listed>> timelines = new ArrayList<>();
        NodeList representations = mpd().getElementsByTagName("Representation");
        for (int i = 0; i < SIZES.length; i++) {
            Element representation = (Element) representations.item(i);
            assertThat(representation.getAttribute("width")).isEqualTo("" + SIZES[i][0]);
            Element template =
                    (Element) representation.getElementsByTagName("SegmentTemplate").item(0);
            List<Listed> listed = timeline(template);
            timelines.add(listed);
            long bytes = segmentsStartWhereTheMpdSays(template, listed, i);
            double seconds = listed.stream().mapToLong(Listed::duration).sum() / 90_000.0;
            assertThat(bytes * 8 / seconds / 1000)
                    .as("kbit/s of track %d", i + 1)
                    .isBetween(KBPS[i] * 0.85, KBPS[i] * 1.15);
        }
        // At the moment of the MPD one rung may be ahead of another by a segment.
        int common = timelines.stream().mapToInt(List::size).min().orElseThrow();
        List<Listed> first = timelines.getFirst().subList(0, common);
        for (List<Listed> listed : timelines) {
            assertThat(listed).startsWith(first.toArray(Listed[]::new));
            assertThat(listed.size()).isLessThanOrEqualTo(common + 1);
        }
    }

    private Element mpd() throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(server.get("demo/index.mpd")))
                .getDocumentElement();
    }

    private static List<Listed> timeline(Element template) {
        List<Listed> listed = new ArrayList<>();
        long number = Long.parseLong(template.getAttribute("startNumber"));
        long time = 0;
        NodeList entries = template.getElementsByTagName("S");
        for (int i = 0; i < entries.getLength(); i++) {
            Element entry = (Element) entries.item(i);
            time = entry.hasAttribute("t") ? Long.parseLong(entry.getAttribute("t")) : time;
            long duration = Long.parseLong(entry.getAttribute("d"));
            long more = entry.hasAttribute("r") ? Long.parseLong(entry.getAttribute("r")) : 0;
            for (long repeat = 0; repeat <= more; repeat++) {
                listed.add(new Listed(number++, time, duration));
                time += duration;
            }
        }
        return listed;
    }

    /** Returns how many bytes they have. */
    private long segmentsStartWhereTheMpdSays(Element template, List<Listed> listed, int rung)
            throws Exception {
        Path file = folder.resolve("dash-" + rung + ".mp4");
        append(file, server.get("demo/" + template.getAttribute("initialization")));
        long bytes = 0;
        for (Listed segment : listed) {
            String name = template.getAttribute("media").replace("$Number%05d$", "%05d");
            byte[] media = server.get("demo/" + name.formatted(segment.number()));
            bytes += media.length;
            append(file, media);
        }
        List<Packet> pictures = pictures(file);
        assertThat(pictures.stream().filter(Packet::key).map(Packet::pts))
                .containsAll(listed.stream().map(Listed::time).toList());
        assertThat(pictures.getFirst().pts()).isEqualTo(listed.getFirst().time());
        noPictureIsMissing(pictures);
        assertThat(decodingTimes(file)).isSorted().doesNotHaveDuplicates();
        assertThat(Decoded.of(file).video()).hasSameSizeAs(pictures);
        return bytes;
    }

    private static void append(Path file, byte[] bytes) throws Exception {
        Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static List<Packet> pictures(Path file) throws Exception {
        return Tools.probe(file, "-select_streams", "v", "-show_entries", "packet=pts,flags")
                .stream()
                .map(line -> line.split(",", -1))
                .map(part -> new Packet(Long.parseLong(part[0]), part[1].startsWith("K")))
                .toList();
    }

    private static List<Long> decodingTimes(Path file) throws Exception {
        return Tools.probe(file, "-select_streams", "v", "-show_entries", "packet=dts").stream()
                .map(Long::valueOf)
                .toList();
    }

    private static void noPictureIsMissing(List<Packet> pictures) {
        Map<Long, Packet> byTime = new TreeMap<>();
        pictures.forEach(picture -> byTime.put(picture.pts(), picture));
        assertThat(byTime).hasSameSizeAs(pictures);
        long expected = byTime.keySet().iterator().next();
        for (long time : byTime.keySet()) {
            assertThat(time).isEqualTo(expected);
            expected += PICTURE_TICKS;
        }
    }
}
