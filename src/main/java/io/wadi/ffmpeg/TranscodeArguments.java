package io.wadi.ffmpeg;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** FFmpeg's arguments for a ladder: a pure function of typed values. */
final class TranscodeArguments {
    /** What is looked at before the start; a live source is at hand since its last key frame. */
    private static final String PROBE_MICROS = "2000000";

    private static final String PROBE_BYTES = "5000000";

    /** Interleaving does not wait longer for a track that has stopped; microseconds. */
    private static final int INTERLEAVE_MICROS = 1_000_000;

    /** loudnorm looks 3 s ahead. */
    private static final int INTERLEAVE_LOUDNESS_MICROS = 10_000_000;

    /** Seconds. With more of it FFmpeg gathers frames of sound. */
    static final String MUX_DELAY = "0.03";

    /**
     * Fragmented MP4: a fragment for each packet, written when its track's next one is there
     * (frag_every_frame would do it at the next of any track, but then gets times wrong where there
     * are several, in 5.1 and 7.1 at least). The moov waits for the first packet of each track, out
     * of which some codecs' configuration is made. Without an edit list, and with a first fragment
     * that says that others were before it, the times in the fragments are the stream's own.
     */
    static final List<String> MP4 =
            List.of(
                    "-f",
                    "mp4",
                    "-movflags",
                    "+delay_moov+default_base_moof+frag_discont+skip_trailer",
                    "-frag_duration",
                    "1",
                    "-use_editlist",
                    "0",
                    "-video_track_timescale",
                    "90000");

    /** Pictures between key frames at most, where the grid decides and the rate is not known. */
    private static final double HIGHEST_FPS = 240;

    private static final int LOUDNESS_RATE = 48_000;

    /** What sound may be off: more than a frame of AAC, less than the 40 ms of EBU R 37. */
    private static final String LIPS_SECONDS = "0.03";

    private final Ladder ladder;
    private final SourceTracks source;
    private final FfmpegBuild build;
    private final Plumbing plumbing;
    private final KeyframeGrid grid;
    private final List<Encoder> encoders;
    private final FilterGraph graph;
    private final List<String> arguments = new ArrayList<>();

    private TranscodeArguments(
            Ladder ladder,
            SourceTracks source,
            List<Encoder> encoders,
            FfmpegBuild build,
            Plumbing plumbing,
            KeyframeGrid grid) {
        this.ladder = ladder;
        this.source = source;
        this.encoders = encoders;
        this.build = build;
        this.plumbing = plumbing;
        this.grid = grid;
        this.graph =
                source.video()
                        .map(
                                video ->
                                        FilterGraph.of(
                                                ladder,
                                                video,
                                                source.input(video.pid()),
                                                encoders,
                                                build))
                        .orElse(new FilterGraph("", false));
    }

    /**
     * The arguments behind the program.
     *
     * @param encoders one for each rung that is not copied, in the order of the rungs; none where
     *     the source has no pictures
     */
    static List<String> of(
            Ladder ladder,
            SourceTracks source,
            List<Encoder> encoders,
            FfmpegBuild build,
            Plumbing plumbing,
            KeyframeGrid grid) {
        return new TranscodeArguments(ladder, source, encoders, build, plumbing, grid).build();
    }

    private List<String> build() {
        add("-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning");
        add("-progress", "pipe:1", "-copyts");
        input();
        if (!graph.text().isEmpty()) {
            add("-filter_complex", graph.text());
        }
        int encoded = 0;
        for (Rung rung : ladder.rungs()) {
            boolean encodes = !rung.copy() && source.video().isPresent();
            rung(rung, encodes ? encoders.get(encoded++) : null);
        }
        if (ladder.thumbnail().isPresent() && source.video().isPresent()) {
            still(ladder.thumbnail().get());
        }
        return List.copyOf(arguments);
    }

    private void input() {
        hardware();
        if (!ladder.decoder().isEmpty() && source.video().isPresent()) {
            add("-c:v", ladder.decoder());
        }
        if (ladder.isStillsOnly()) {
            add("-skip_frame", "nokey");
        }
        add("-analyzeduration", PROBE_MICROS, "-probesize", PROBE_BYTES);
        String container = source.isFedAsMatroska() ? "matroska" : "mpegts";
        add("-f", container, "-i", "unix:" + plumbing.input());
        Optional<Watermark> mark = ladder.watermark().filter(Watermark::isImage);
        if (mark.isPresent() && source.video().isPresent()) {
            Watermarks.input(Path.of(mark.get().image()), mark.get().decoder()).forEach(this::add);
        }
    }

    private void hardware() {
        Optional<HardwareFamily> family =
                encoders.stream()
                        .map(Encoder::family)
                        .filter(f -> f != HardwareFamily.SOFTWARE)
                        .findFirst();
        if (family.isEmpty() || source.video().isEmpty()) {
            return;
        }
        int device = ladder.device().orElse(0);
        String node = "/dev/dri/renderD" + (128 + device);
        switch (family.get()) {
            case NVENC -> {
                add("-init_hw_device", "cuda=gpu:" + device, "-filter_hw_device", "gpu");
                decodeOn("cuda", "gpu");
            }
            case VAAPI -> {
                add("-init_hw_device", "vaapi=gpu:" + node, "-filter_hw_device", "gpu");
                decodeOn("vaapi", "gpu");
            }
            case QSV -> {
                String child = "child_device_type=vaapi,child_device=" + node;
                add("-init_hw_device", "qsv=gpu:hw_any," + child);
                add("-filter_hw_device", "gpu");
                decodeOn("qsv", "gpu");
            }
            case VIDEOTOOLBOX -> add("-hwaccel", "videotoolbox");
            case SOFTWARE -> throw new IllegalStateException("software needs no device");
        }
    }

    private void decodeOn(String api, String device) {
        add("-hwaccel", api, "-hwaccel_device", device);
        if (graph.onCard()) {
            add("-hwaccel_output_format", api);
        }
    }

    private void rung(Rung rung, Encoder encoder) {
        if (source.video().isPresent()) {
            SourceTracks.Video video = source.video().get();
            if (rung.copy()) {
                add("-map", source.input(video.pid()), "-c:v", "copy");
            } else {
                add("-map", "[v" + rung.track() + "]");
                video(rung, encoder, video);
            }
        }
        source.audioPids().forEach(pid -> add("-map", source.input(pid)));
        if (!source.audioPids().isEmpty()) {
            audio();
        }
        boolean waits = ladder.audio().normalize() && !ladder.audio().copy();
        int interleave = waits ? INTERLEAVE_LOUDNESS_MICROS : INTERLEAVE_MICROS;
        add("-max_interleave_delta", "" + interleave);
        // Times as they are: no start delay, no shift of negative ones. The PCR is a little before
        // them, more than a frame of sound that comes behind its picture.
        add("-avoid_negative_ts", "disabled", "-muxdelay", MUX_DELAY, "-muxpreload", "0");
        add("-flush_packets", "1");
        if (rung.isSentAsMp4()) {
            unframe();
            MP4.forEach(this::add);
        } else {
            add("-f", "mpegts", "-mpegts_copyts", "1");
        }
        add("unix:" + plumbing.output(rung));
    }

    /**
     * Copied AAC loses the headers that MPEG-TS has; FFmpeg does it by itself in plain MP4 only.
     * From Matroska it comes without.
     */
    private void unframe() {
        if (source.isFedAsMatroska()) {
            return;
        }
        List<Integer> pids = source.audioPids();
        for (int i = 0; ladder.audio().copy() && i < pids.size(); i++) {
            if (source.aacPids().contains(pids.get(i))) {
                add("-bsf:a:" + i, "aac_adtstoasc");
            }
        }
    }

    private void video(Rung rung, Encoder encoder, SourceTracks.Video video) {
        add("-c:v", encoder.name());
        Presets.arguments(encoder, rung.preset()).forEach(this::add);
        rate(rung, encoder);
        double seconds = ladder.keyframeSeconds(rung, video.fps());
        double fps = rung.fps() > 0 ? rung.fps() : HIGHEST_FPS;
        String gop = Long.toString((long) Math.ceil(seconds * fps) + 1);
        add("-g", gop);
        add("-force_key_frames", grid.expression(seconds, rung.fps()));
        EncoderOptions.keyFramesOnGridOnly(encoder, gop).forEach(this::add);
        EncoderOptions.of(rung, encoder).forEach(this::add);
        // The source's own times, not those of a nominal rate.
        add("-enc_time_base:v", "1:90000");
        add(build.hasFpsMode() ? "-fps_mode" : "-vsync", "passthrough");
        ladder.extraArguments().forEach(this::add);
    }

    private void rate(Rung rung, Encoder encoder) {
        add("-b:v", "" + rung.bitrateBps());
        // SVT-AV1 has a constant bit rate without delay, and refuses a peak beside it.
        boolean steady = encoder.name().equals("libsvtav1");
        long peak = steady ? rung.bitrateBps() : rung.effectiveMaxBitrate();
        if (!steady) {
            add("-maxrate", "" + peak);
        }
        // One second, which keeps the peaks of short segments near the mean.
        add("-bufsize", "" + peak);
        if (encoder.family() == HardwareFamily.NVENC) {
            add("-rc", rung.effectiveMaxBitrate() > rung.bitrateBps() ? "vbr" : "cbr");
        }
    }

    private void audio() {
        AudioPlan audio = ladder.audio();
        if (audio.copy()) {
            add("-c:a", "copy");
        } else {
            encodedAudio(audio);
        }
        if (!audio.language().isEmpty()) {
            add("-metadata:s:a", "language=" + audio.language());
        }
    }

    private void encodedAudio(AudioPlan audio) {
        List<Filter> filters = new ArrayList<>();
        if (audio.normalize()) {
            filters.add(
                    Filter.of("loudnorm").with("I", "-16").with("TP", "-1.5").with("LRA", "11"));
        }
        // Gaps become silence and overlaps are cut, so that sound and picture stay together. Left
        // alone, FFmpeg lets steps of less than 100 ms be, and they add up.
        filters.add(Filter.of("aresample").with("async", "1").with("min_hard_comp", LIPS_SECONDS));
        add("-af", String.join(",", filters.stream().map(Filter::toString).toList()));
        add("-c:a", audio.codec().encoder(), "-b:a", "" + audio.bitrateBps());
        int sampleRate =
                audio.sampleRate() == 0 && audio.normalize() ? LOUDNESS_RATE : audio.sampleRate();
        if (audio.codec() == AudioPlan.AudioCodec.OPUS) {
            sampleRate = LOUDNESS_RATE;
        }
        if (sampleRate > 0) {
            add("-ar", "" + sampleRate);
        }
        if (audio.channels() > 0) {
            add("-ac", "" + audio.channels());
        } else if (audio.codec() == AudioPlan.AudioCodec.MP3) {
            add("-ac", "2");
        }
    }

    private void still(Ladder.Thumbnail still) {
        add("-map", "[" + FilterGraph.STILL + "]", "-c:v", "mjpeg");
        add("-q:v", Integer.toString(still.quality()));
        add(build.hasFpsMode() ? "-fps_mode" : "-vsync", "passthrough");
        add("-flush_packets", "1", "-f", "image2pipe", "unix:" + plumbing.still());
    }

    private void add(String... more) {
        for (String argument : more) {
            if (argument.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("an argument with a NUL, expected text");
            }
            arguments.add(argument);
        }
    }
}
