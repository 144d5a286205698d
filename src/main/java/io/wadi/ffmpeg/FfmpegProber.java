package io.wadi.ffmpeg;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks a program what it can do. */
final class FfmpegProber {
    /** Lists are printed at once; more means that it is no FFmpeg. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int MAX_BYTES = 1 << 20;

    /** Of what a program says that is no FFmpeg: a loader's complaint fits. */
    private static final int MAX_QUOTED = 300;

    private static final Pattern VERSION = Pattern.compile("ffmpeg version (\\S+)");
    private static final Pattern RELEASE = Pattern.compile("n?(\\d{1,3})\\.(\\d{1,3}).*");

    /** " V..... libx264 libx264 H.264", " E mpegts MPEG-TS", " TSC overlay VV->V Overlay". */
    private static final Pattern ENTRY = Pattern.compile(" +[A-Z.|]{1,6} +([a-z0-9_][\\w,-]*) .*");

    private FfmpegProber() {}

    /**
     * Runs the program a few times.
     *
     * @throws IOException saying why it cannot be used
     */
    static FfmpegBuild probe(Path program) throws IOException {
        String version = run(program, "-version");
        Matcher name = VERSION.matcher(version);
        if (!name.find()) {
            String said = version.lines().findFirst().orElse("nothing").strip();
            throw new IOException(
                    program
                            + " is no FFmpeg: expected its version, but it says \""
                            + said.substring(0, Math.min(said.length(), MAX_QUOTED))
                            + "\"");
        }
        Matcher release = RELEASE.matcher(name.group(1));
        boolean released = release.matches();
        return new FfmpegBuild(
                program.toString(),
                name.group(1),
                released ? Integer.parseInt(release.group(1)) : 0,
                released ? Integer.parseInt(release.group(2)) : 0,
                entries(run(program, "-encoders")),
                entries(run(program, "-muxers")),
                entries(run(program, "-filters")),
                accelerators(run(program, "-hwaccels")));
    }

    static Set<String> entries(String listing) {
        Set<String> entries = new LinkedHashSet<>();
        listing.lines()
                .map(ENTRY::matcher)
                .filter(Matcher::matches)
                .forEach(entry -> entries.addAll(List.of(entry.group(1).split(","))));
        return entries;
    }

    static Set<String> accelerators(String listing) {
        Set<String> names = new LinkedHashSet<>();
        listing.lines().skip(1).map(String::strip).filter(l -> !l.isEmpty()).forEach(names::add);
        return names;
    }

    private static String run(Path program, String option) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "-hide_banner", option));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        if (option.equals("-version")) {
            command.remove(1);
            // Why it does not start is said there.
            builder.redirectErrorStream(true);
        } else {
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        }
        Process process = builder.start();
        Thread timer = Thread.ofVirtual().name("ffmpeg-probe").start(() -> killLate(process));
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
            process.destroyForcibly();
            return text;
        } finally {
            timer.interrupt();
        }
    }

    /**
     * Whether the beginning of a stream of a file can be decoded.
     *
     * @param input arguments that open the file
     * @param stream as {@code -map} names it
     */
    static boolean decodes(Path program, List<String> input, String stream) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "-v", "error"));
        command.addAll(List.of("-nostdin", "-xerror"));
        command.addAll(input);
        command.addAll(List.of("-map", stream, "-frames", "1", "-f", "null", "-"));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .start();
        try {
            return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    && process.exitValue() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a file was looked at", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void killLate(Process process) {
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException done) {
            Thread.currentThread().interrupt();
        }
    }

    /** The hardware that this build could use, as far as it says itself. */
    static List<String> families(FfmpegBuild build) {
        List<String> families = new ArrayList<>();
        for (HardwareFamily family : HardwareFamily.values()) {
            Optional<String> encoder =
                    family.encoders(VideoCodec.H264).stream()
                            .filter(build.encoders()::contains)
                            .findFirst();
            if (encoder.isPresent()) {
                families.add(family.word());
            }
        }
        return families;
    }
}
