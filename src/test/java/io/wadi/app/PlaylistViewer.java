package io.wadi.app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows an HLS playlist and an MPD as players do, and notes all that a player would stumble on.
 */
final class PlaylistViewer implements AutoCloseable {
    private static final long POLL_NANOS = 300_000_000;

    private static final Pattern PERIOD = Pattern.compile("<Period .*?</Period>", Pattern.DOTALL);
    private static final Pattern ID = Pattern.compile("<Period [^>]*id=\"([^\"]*)\"");
    private static final Pattern TEMPLATE =
            Pattern.compile("<SegmentTemplate.*?</SegmentTemplate>", Pattern.DOTALL);
    private static final Pattern MEDIA = Pattern.compile("media=\"([^\"]*)\"");
    private static final Pattern INIT = Pattern.compile("initialization=\"([^\"]*)\"");
    private static final Pattern FIRST_NUMBER = Pattern.compile("startNumber=\"(\\d+)\"");
    private static final Pattern RUN =
            Pattern.compile("<S(?: t=\"(\\d+)\")? d=\"(\\d+)\"(?: r=\"(\\d+)\")?");

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI base;
    private final Path hlsFile;
    private final Thread hls;
    private final Thread dash;
    private volatile boolean watching = true;
    private long newest = -1;

    final List<String> complaints = new CopyOnWriteArrayList<>();
    final Set<Long> segments = Collections.synchronizedSet(new LinkedHashSet<>());

    /** What was taken of DASH: behind each init segment the media segments that belong to it. */
    final Map<String, Path> dashFiles = new ConcurrentHashMap<>();

    final Set<String> periods = Collections.synchronizedSet(new LinkedHashSet<>());
    final AtomicInteger discontinuities = new AtomicInteger();
    final AtomicInteger dashSegments = new AtomicInteger();

    /** Follows both. */
    PlaylistViewer(String url, Path hlsFile) {
        this(url, hlsFile, true, true);
    }

    PlaylistViewer(String url, Path hlsFile, boolean withHls, boolean withDash) {
        base = URI.create(url);
        this.hlsFile = hlsFile;
        hls = Thread.ofVirtual().unstarted(() -> follow("hls", this::pollHls));
        dash = Thread.ofVirtual().unstarted(() -> follow("dash", this::pollDash));
        if (withHls) {
            hls.start();
        }
        if (withDash) {
            dash.start();
        }
    }

    private interface Poll {
        void run() throws Exception;
    }

    private void follow(String name, Poll poll) {
        while (watching) {
            try {
                poll.run();
            } catch (Exception e) {
                complaints.add(name + ": " + e);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private HttpResponse<byte[]> get(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(base.resolve(path)).build(), BodyHandlers.ofByteArray());
    }

    private void pollHls() throws Exception {
        HttpResponse<byte[]> answer = get("index.m3u8");
        if (answer.statusCode() != 200) {
            if (!segments.isEmpty()) {
                complaints.add("hls: playlist " + answer.statusCode());
            }
            return;
        }
        long number = 0;
        boolean discontinuity = false;
        for (String line : new String(answer.body(), StandardCharsets.UTF_8).lines().toList()) {
            if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) {
                number = Long.parseLong(line.substring(line.indexOf(':') + 1));
            } else if (line.equals("#EXT-X-DISCONTINUITY")) {
                discontinuity = true;
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                segment(number++, line, discontinuity);
                discontinuity = false;
            }
        }
    }

    private void segment(long number, String uri, boolean discontinuity) throws Exception {
        if (!segments.isEmpty() && number <= newest) {
            return;
        }
        if (!segments.isEmpty() && number != newest + 1) {
            complaints.add("hls: segment " + number + " follows " + newest);
        }
        discontinuities.addAndGet(discontinuity ? 1 : 0);
        segments.add(number);
        newest = number;
        HttpResponse<byte[]> media = get(uri);
        if (media.statusCode() != 200) {
            complaints.add("hls: " + uri + " " + media.statusCode());
            return;
        }
        Files.write(hlsFile, media.body(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private final Map<String, Long> dashTimes = new HashMap<>();

    private void pollDash() throws Exception {
        HttpResponse<byte[]> answer = get("index.mpd");
        if (answer.statusCode() != 200) {
            if (!periods.isEmpty()) {
                complaints.add("dash: MPD " + answer.statusCode());
            }
            return;
        }
        Matcher period = PERIOD.matcher(new String(answer.body(), StandardCharsets.UTF_8));
        while (period.find()) {
            Matcher id = ID.matcher(period.group());
            if (id.find()) {
                periods.add(id.group(1));
            }
            Matcher template = TEMPLATE.matcher(period.group());
            while (template.find()) {
                timeline(template.group());
            }
        }
    }

    /**
     * Media time never goes back over all Periods, and every segment that is new is there. Numbers
     * go on without a gap as long as the init segment is the same.
     */
    private void timeline(String list) throws Exception {
        Matcher media = MEDIA.matcher(list);
        Matcher first = FIRST_NUMBER.matcher(list);
        if (!media.find()) {
            complaints.add("dash: no media in " + list);
            return;
        }
        String template = media.group(1);
        Matcher init = INIT.matcher(list);
        if (!init.find()) {
            complaints.add("dash: no initialization in " + list);
            return;
        }
        Path file = dashFile(init.group(1));
        long number = first.find() ? Long.parseLong(first.group(1)) : 1;
        long time = 0;
        Matcher run = RUN.matcher(list);
        while (run.find()) {
            time = run.group(1) == null ? time : Long.parseLong(run.group(1));
            long times = run.group(3) == null ? 1 : 1 + Long.parseLong(run.group(3));
            for (long i = 0; i < times; i++) {
                dashSegment(template, init.group(1), number++, time, file);
                time += Long.parseLong(run.group(2));
            }
        }
    }

    private Path dashFile(String init) throws Exception {
        Path file = dashFiles.get(init);
        if (file == null) {
            HttpResponse<byte[]> answer = get(init);
            if (answer.statusCode() != 200) {
                complaints.add("dash: " + init + " " + answer.statusCode());
            }
            file = hlsFile.resolveSibling(hlsFile.getFileName() + "-" + init.replace('/', '-'));
            Files.write(file, answer.body());
            dashFiles.put(init, file);
        }
        return file;
    }

    private void dashSegment(String template, String init, long number, long time, Path file)
            throws Exception {
        Long newest = dashTimes.get(template + init);
        if (newest != null && number <= newest) {
            return;
        }
        Long before = dashTimes.put(template + "@time", time);
        if (before != null && time < before) {
            complaints.add("dash: " + template + " time " + time + " after " + before);
        }
        if (newest != null && number != newest + 1) {
            complaints.add("dash: " + template + " number " + number + " after " + newest);
        }
        dashTimes.put(template + init, number);
        String uri = number(template, number).replace("$Time$", Long.toString(time));
        HttpResponse<byte[]> segment = get(uri);
        if (segment.statusCode() == 200) {
            Files.write(file, segment.body(), StandardOpenOption.APPEND);
        } else {
            complaints.add("dash: " + uri + " " + segment.statusCode());
        }
        dashSegments.incrementAndGet();
    }

    private static String number(String template, long number) {
        Matcher format = Pattern.compile("\\$Number(%0\\d+d)?\\$").matcher(template);
        return format.replaceFirst(
                result ->
                        result.group(1) == null
                                ? Long.toString(number)
                                : String.format(result.group(1), number));
    }

    @Override
    public void close() throws InterruptedException {
        watching = false;
        for (Thread thread : List.of(hls, dash)) {
            if (thread.getState() != Thread.State.NEW) {
                thread.join();
            }
        }
        client.close();
    }
}
