package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;

import io.wadi.testing.Chromium;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The publisher is killed and comes back, then the server: numbers go on, the page plays on without
 * being loaded again, and players of endless streams stay connected while only the publisher is
 * away.
 */
@RequiresTool({"ffmpeg", "ffprobe", "chromium"})
class RestartIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PATIENCE_MS = 90_000;

    private static final String DOCUMENT =
            """
            {"inputs":[{"url":"publish://"}],
             "protocols":{"hls":true,"dash":true,"mpegts":true,"rtmp":true},
             "packaging":{"segment":"1s"}}
            """;

    private static final Pattern SEQUENCE = Pattern.compile("#EXT-X-MEDIA-SEQUENCE:(\\d+)");
    private static final Pattern DISCONTINUITIES =
            Pattern.compile("#EXT-X-DISCONTINUITY-SEQUENCE:(\\d+)");
    private static final Pattern START_NUMBER = Pattern.compile("startNumber=\"(\\d+)\"");

    /** Counts what was played, also when the player starts its time anew. */
    private static final String COUNT =
            """
            () => {
              const video = document.querySelector('video');
              window.played = 0;
              let last = video.currentTime;
              setInterval(() => {
                const step = video.currentTime - last;
                if (step > 0 && step < 1) window.played += step;
                last = video.currentTime;
              }, 100);
            }
            """;

    @TempDir private Path folder;
    private ServerProcess server;
    private long hlsSequence;
    private long hlsDiscontinuities;
    private long dashNumber;

    private Process publish() throws IOException {
        return Tools.start(
                Files.createTempFile(folder, "publisher", ".log"),
                List.of(
                        ("ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=s=320x180:r=25"
                                        + " -f lavfi -i sine=r=48000 -c:v libx264 -preset ultrafast"
                                        + " -bf 2 -g 25 -c:a aac -f flv "
                                        + server.rtmp("demo"))
                                .split(" ", -1)));
    }

    private Process play(String url, String name) throws IOException {
        return Tools.start(
                folder.resolve(name + ".log"),
                List.of(
                        "ffmpeg",
                        "-nostdin",
                        "-v",
                        "warning",
                        "-i",
                        url,
                        "-map",
                        "0",
                        "-c",
                        "copy",
                        "-flush_packets",
                        "1",
                        folder.resolve(name + ".ts").toString()));
    }

    /** Looks at the newest numbers, which only grow. Returns how many segments were listed. */
    private long observe() throws IOException, InterruptedException {
        String playlist = server.text("demo/index.m3u8");
        long sequence = first(SEQUENCE, playlist);
        assertThat(sequence).as(playlist).isGreaterThanOrEqualTo(hlsSequence);
        hlsSequence = sequence;
        long discontinuities = first(DISCONTINUITIES, playlist);
        assertThat(discontinuities).as(playlist).isGreaterThanOrEqualTo(hlsDiscontinuities);
        hlsDiscontinuities = discontinuities;
        String mpd = server.text("demo/index.mpd");
        long number = first(START_NUMBER, mpd);
        assertThat(number).as(mpd).isGreaterThanOrEqualTo(dashNumber);
        dashNumber = number;
        return playlist.lines().filter(line -> !line.startsWith("#")).count();
    }

    /** The first number that a document has there; 0 when it says none. */
    private static long first(Pattern pattern, String in) {
        Matcher matcher = pattern.matcher(in);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private long newestSegment() throws IOException, InterruptedException {
        long listed = observe();
        return hlsSequence + listed - 1;
    }

    private void awaitSegmentsAfter(long number) {
        await().atMost(PATIENCE)
                .until(
                        () ->
                                server.has("demo/index.m3u8")
                                        && server.has("demo/index.mpd")
                                        && newestSegment() >= number + 3);
    }

    private static void awaitPlayed(Page page, double seconds) {
        double before = ((Number) page.evaluate("() => window.played")).doubleValue();
        page.waitForFunction(
                "until => window.played > until",
                before + seconds,
                new Page.WaitForFunctionOptions().setTimeout(PATIENCE_MS));
    }

    @Test
    void everythingGoesOn() throws Exception {
        server = new ServerProcess(folder);
        Process publisher = null;
        try (Chromium chromium = new Chromium()) {
            server.stream("demo", DOCUMENT);
            publisher = publish();
            awaitSegmentsAfter(-1);
            Process httpTs = play(server.http("demo/mpegts"), "httpts");
            Process rtmp = play(server.rtmp("demo"), "rtmp");
            Page page = chromium.newPage(new Browser.NewContextOptions());
            page.navigate(server.http(""));
            page.waitForFunction(
                    "() => document.querySelector('video')?.currentTime > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(PATIENCE_MS));
            page.evaluate(COUNT);
            awaitPlayed(page, 3);

            publisher.destroyForcibly().waitFor();
            long beforePublisher = newestSegment();
            publisher = publish();
            awaitSegmentsAfter(beforePublisher + 1);
            // What was buffered is over after this much.
            awaitPlayed(page, 8);
            assertThat(httpTs.isAlive()).as("HTTP-TS player stays").isTrue();
            assertThat(rtmp.isAlive()).as("RTMP player stays").isTrue();

            long beforeServer = newestSegment();
            long beforeDash = dashNumber;
            server.kill();
            assertThat(Tools.exitCode(httpTs)).as("the server is gone").isZero();
            Tools.exitCode(rtmp);
            Tools.exitCode(publisher);
            server.start();
            publisher = publish();
            awaitSegmentsAfter(beforeServer + 1);
            assertThat(hlsSequence).as("numbers are not used again").isGreaterThan(beforeServer);
            assertThat(dashNumber).isGreaterThan(beforeDash);
            awaitPlayed(page, 8);
        } finally {
            if (publisher != null) {
                publisher.destroyForcibly();
            }
            server.close();
        }
        assertThatTimeGoesForward("httpts");
        assertThatTimeGoesForward("rtmp");
    }

    private void assertThatTimeGoesForward(String recording) throws Exception {
        assertThat(Files.readString(folder.resolve(recording + ".log")))
                .as("FFmpeg complains of times that go back")
                .doesNotContainIgnoringCase("dts");
        for (String kind : List.of("v", "a")) {
            List<Double> times =
                    Tools.probe(
                                    folder.resolve(recording + ".ts"),
                                    "-select_streams",
                                    kind,
                                    "-show_entries",
                                    "packet=dts_time")
                            .stream()
                            .map(Double::valueOf)
                            .toList();
            assertThat(times).as(recording + " " + kind).isSorted().hasSizeGreaterThan(100);
        }
    }
}
