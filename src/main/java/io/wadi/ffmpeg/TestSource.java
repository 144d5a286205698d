package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A test picture and tone, as FFmpeg is asked for it. Every value is checked here and none of them
 * is free text, so nothing that a user writes reaches FFmpeg's filter language.
 *
 * @param gopSeconds between two key pictures
 */
record TestSource(
        TestPattern pattern,
        int width,
        int height,
        int rate,
        long videoBitrateBps,
        TestAudio audio,
        int frequencyHz,
        long audioBitrateBps,
        int gopSeconds)
        implements Source {
    /** What FFmpeg's picture generators and libx264 take. */
    private static final int MIN_SIDE = 16;

    private static final int MAX_SIDE = 7680;
    private static final int MAX_RATE = 120;
    private static final long MAX_BITRATE = 200_000_000;
    private static final int SAMPLE_RATE = 48_000;

    private static final Pattern SIZE = Pattern.compile("(\\d{2,4})x(\\d{2,4})");
    private static final Pattern BITRATE = Pattern.compile("(\\d{1,9})([kM]?)");

    TestSource {
        requireRange("rate", rate, 1, MAX_RATE);
        requireRange("frequency", frequencyHz, 20, SAMPLE_RATE / 2);
        requireRange("gop", gopSeconds, 1, 60);
        if (width < MIN_SIDE || width > MAX_SIDE || width % 2 != 0) {
            throw badSize(width + "x" + height);
        }
        if (height < MIN_SIDE || height > MAX_SIDE || height % 2 != 0) {
            throw badSize(width + "x" + height);
        }
    }

    /**
     * @throws IllegalArgumentException naming the option
     */
    static TestSource parse(
            TestPattern pattern,
            String size,
            int rate,
            String videoBitrate,
            TestAudio audio,
            int frequencyHz,
            String audioBitrate,
            int gopSeconds) {
        Matcher sides = SIZE.matcher(size);
        if (!sides.matches()) {
            throw badSize(size);
        }
        return new TestSource(
                pattern,
                Integer.parseInt(sides.group(1)),
                Integer.parseInt(sides.group(2)),
                rate,
                bitrate("videoBitrate", videoBitrate),
                audio,
                frequencyHz,
                bitrate("audioBitrate", audioBitrate),
                gopSeconds);
    }

    private static long bitrate(String option, String text) {
        Matcher parts = BITRATE.matcher(text);
        if (parts.matches()) {
            long unit =
                    switch (parts.group(2)) {
                        case "k" -> 1_000;
                        case "M" -> 1_000_000;
                        default -> 1;
                    };
            long bps = Long.parseLong(parts.group(1)) * unit;
            if (bps >= 8_000 && bps <= MAX_BITRATE) {
                return bps;
            }
        }
        throw new IllegalArgumentException(
                option + "=" + text + ", expected bits a second from 8k to 200M, such as 1500k");
    }

    private static void requireRange(String option, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(
                    option + "=" + value + ", expected " + from + " to " + to);
        }
    }

    private static IllegalArgumentException badSize(String size) {
        return new IllegalArgumentException(
                "size="
                        + size
                        + ", expected width x height, both even and from 16 to 7680, such as"
                        + " 1280x720");
    }

    @Override
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("-hide_banner", "-nostdin", "-nostats"));
        arguments.addAll(List.of("-loglevel", "warning"));
        String picture = pattern.filter() + "=size=" + width + "x" + height + ":rate=" + rate;
        arguments.addAll(List.of("-re", "-f", "lavfi", "-i", picture));
        if (audio == TestAudio.sine) {
            String tone = "sine=frequency=" + frequencyHz + ":sample_rate=" + SAMPLE_RATE;
            arguments.addAll(List.of("-re", "-f", "lavfi", "-i", tone));
            arguments.addAll(List.of("-map", "0:v:0", "-map", "1:a:0"));
            arguments.addAll(List.of("-c:a", "aac", "-b:a", "" + audioBitrateBps, "-ac", "2"));
        }
        String gop = String.valueOf(gopSeconds * rate);
        String bitrate = String.valueOf(videoBitrateBps);
        arguments.addAll(List.of("-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"));
        arguments.addAll(List.of("-profile:v", "main", "-pix_fmt", "yuv420p"));
        arguments.addAll(List.of("-g", gop, "-keyint_min", gop, "-sc_threshold", "0"));
        arguments.addAll(List.of("-b:v", bitrate, "-maxrate", bitrate, "-bufsize", bitrate));
        arguments.addAll(List.of("-f", "mpegts", "-muxpreload", "0"));
        arguments.addAll(List.of("-muxdelay", TranscodeArguments.MUX_DELAY));
        arguments.addAll(List.of("-flush_packets", "1", "pipe:1"));
        return arguments;
    }
}
