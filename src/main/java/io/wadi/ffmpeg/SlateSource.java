package io.wadi.ffmpeg;

import io.wadi.codec.CodecId;
import io.wadi.ts.TsTrack;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A film or a picture over and over, in a given format: FFmpeg's arguments for it. The name of the
 * file is an argument of its own and never part of a filter graph.
 *
 * @param hasSound whether the file brings sound of its own; else there is silence
 */
record SlateSource(SlateFile file, boolean hasSound, SlateFormat format, Set<String> encoders) {
    private static final int SILENCE_HZ = 48_000;
    private static final int AUDIO_BPS = 128_000;

    /** Bits that a pixel may take at most; a still picture takes next to none. */
    private static final double BITS_PER_PIXEL = 0.1;

    private static final long MIN_VIDEO_BPS = 500_000;
    private static final long MAX_VIDEO_BPS = 8_000_000;

    private static final Set<Integer> AAC_RATES =
            Set.of(
                    8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000,
                    88_200, 96_000);
    private static final Set<Integer> MP3_RATES =
            Set.of(8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000);
    private static final Set<Integer> AC3_RATES = Set.of(32_000, 44_100, 48_000);
    private static final Set<Integer> OPUS_RATES = Set.of(48_000);

    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("-hide_banner", "-nostdin", "-nostats"));
        arguments.addAll(List.of("-loglevel", "warning"));
        inputs(arguments);
        int output = 0;
        if (format.video().isPresent()) {
            SlateFormat.Video video = format.video().get();
            arguments.addAll(List.of("-filter_complex", "[0:v:0]" + picture(video) + "[v]"));
            arguments.addAll(List.of("-map", "[v]", "-streamid", output + ":" + video.pid()));
            encode(video, arguments);
            output++;
        }
        for (int i = 0; i < format.audio().size(); i++) {
            SlateFormat.Audio audio = format.audio().get(i);
            String from = hasSound ? "0:a:0" : isPictureRead() ? "1:a:0" : "0:a:0";
            arguments.addAll(List.of("-map", from, "-streamid", output + ":" + audio.pid()));
            encode(i, audio, arguments);
            output++;
        }
        if (newEncoder().isPresent()) {
            arguments.addAll(TranscodeArguments.MP4);
        } else {
            arguments.addAll(
                    List.of("-mpegts_service_id", Integer.toString(format.programNumber())));
            arguments.addAll(List.of("-mpegts_pmt_start_pid", Integer.toString(format.pmtPid())));
            arguments.addAll(List.of("-f", "mpegts", "-pes_payload_size", "0"));
            arguments.addAll(List.of("-muxdelay", "0", "-muxpreload", "0"));
        }
        arguments.addAll(List.of("-flush_packets", "1", "pipe:1"));
        return arguments;
    }

    /**
     * The encoder of a codec that FFmpeg cannot name in MPEG-TS. What it makes is sent as MP4,
     * which has no PIDs: the tracks get those of our own multiplexer, and must have had them.
     */
    private Optional<String> newEncoder() {
        boolean ours = format.video().filter(v -> v.pid() == TsTrack.VIDEO_PID).isPresent();
        for (int i = 0; i < format.audio().size(); i++) {
            ours &= format.audio().get(i).pid() == TsTrack.AUDIO_PID + i;
        }
        return format.video()
                .map(SlateFormat.Video::codec)
                .map(
                        codec ->
                                switch (codec) {
                                    case AV1 -> "libaom-av1";
                                    case VP9 -> "libvpx-vp9";
                                    case H264, H265, AAC, MP3, AC3, EAC3, OPUS, FLAC -> "";
                                })
                .filter(ours ? encoders::contains : _ -> false);
    }

    private boolean isStill() {
        return file.kind() == SlateFile.Kind.PICTURE;
    }

    /** A stream without pictures needs the file only for its sound. */
    private boolean isPictureRead() {
        return format.video().isPresent();
    }

    private void inputs(List<String> arguments) {
        if (isPictureRead() || hasSound) {
            if (!isStill()) {
                arguments.addAll(List.of("-re", "-stream_loop", "-1"));
            }
            arguments.addAll(file.input());
        }
        if (!hasSound && !format.audio().isEmpty()) {
            arguments.addAll(List.of("-re", "-f", "lavfi", "-i"));
            arguments.add("anullsrc=sample_rate=" + SILENCE_HZ + ":channel_layout=stereo");
        }
    }

    /** The picture as large as it fits, in the middle of black. */
    private String picture(SlateFormat.Video video) {
        String shape = "dar*" + video.sarHeight() + "/" + video.sarWidth();
        String width = "min(" + video.width() + "," + video.height() + "*" + shape + ")";
        String height = "min(" + video.height() + "," + video.width() + "/(" + shape + "))";
        List<Filter> filters = new ArrayList<>();
        filters.add(
                Filter.of("scale")
                        .with("w", "2*max(1,round(" + width + "/2))")
                        .with("h", "2*max(1,round(" + height + "/2))"));
        filters.add(
                Filter.of("pad")
                        .with("w", video.width())
                        .with("h", video.height())
                        .with("x", "(ow-iw)/2")
                        .with("y", "(oh-ih)/2"));
        filters.add(Filter.of("setsar").with("sar", video.sarWidth() + "/" + video.sarHeight()));
        filters.add(Filter.of("format").with("pix_fmts", "yuv420p"));
        String fps = PictureFilters.number(video.fps());
        if (isStill()) {
            // Decoded and scaled once, not for every picture of the stream.
            filters.add(Filter.of("loop").with("loop", -1).with("size", 1));
            filters.add(Filter.of("settb").with("expr", "1/90000"));
            filters.add(Filter.of("setpts").with("expr", "round(N*90000/(" + fps + "))"));
            filters.add(Filter.of("realtime"));
        } else {
            filters.add(Filter.of("fps").with("fps", fps));
        }
        return String.join(",", filters.stream().map(Filter::toString).toList());
    }

    private void encode(SlateFormat.Video video, List<String> arguments) {
        String fps = PictureFilters.number(video.fps());
        // One second between key pictures: the slate is entered at once, and costs little.
        String gop = Long.toString(Math.max(1, Math.round(video.fps())));
        double bps = video.width() * (double) video.height() * video.fps() * BITS_PER_PIXEL;
        String bitrate = Long.toString(Math.clamp((long) bps, MIN_VIDEO_BPS, MAX_VIDEO_BPS));
        arguments.addAll(List.of("-r:v", fps));
        if (video.codec() == CodecId.H265 && encoders.contains("libx265")) {
            arguments.addAll(List.of("-c:v", "libx265", "-preset", "ultrafast"));
            arguments.addAll(List.of("-tune", "zerolatency", "-x265-params"));
            arguments.add("log-level=error:keyint=" + gop + ":min-keyint=" + gop + ":scenecut=0");
        } else if (newEncoder().isPresent()) {
            boolean av1 = video.codec() == CodecId.AV1;
            arguments.addAll(List.of("-c:v", newEncoder().get()));
            arguments.addAll(List.of(av1 ? "-usage" : "-deadline", "realtime"));
            arguments.addAll(List.of("-cpu-used", "8", "-lag-in-frames", "0", "-row-mt", "1"));
            arguments.addAll(List.of("-g", gop, "-keyint_min", gop, "-b:v", bitrate));
            return;
        } else {
            arguments.addAll(List.of("-c:v", "libx264", "-preset", "veryfast"));
            arguments.addAll(List.of("-tune", "zerolatency", "-g", gop, "-keyint_min", gop));
            arguments.addAll(List.of("-sc_threshold", "0"));
        }
        arguments.addAll(List.of("-crf", "23", "-maxrate", bitrate, "-bufsize", bitrate));
    }

    private void encode(int index, SlateFormat.Audio audio, List<String> arguments) {
        String at = ":a:" + index;
        String encoder = encoder(audio.codec());
        arguments.addAll(List.of("-c" + at, encoder));
        arguments.addAll(List.of("-b" + at, Integer.toString(AUDIO_BPS)));
        arguments.addAll(List.of("-ar" + at, Integer.toString(rate(encoder, audio.sampleRate()))));
        arguments.addAll(List.of("-ac" + at, Integer.toString(channels(encoder, audio))));
        if (!audio.language().isEmpty()) {
            arguments.addAll(List.of("-metadata:s" + at, "language=" + audio.language()));
        }
    }

    /** AAC for what this FFmpeg, or a transport stream of its making, cannot have. */
    private String encoder(CodecId codec) {
        String encoder =
                switch (codec) {
                    case MP3 -> "libmp3lame";
                    case AC3 -> "ac3";
                    case EAC3 -> "eac3";
                    case OPUS -> "libopus";
                    case AAC, FLAC, H264, H265, AV1, VP9 -> "aac";
                };
        return encoders.contains(encoder) ? encoder : "aac";
    }

    private static int rate(String encoder, int wanted) {
        Set<Integer> known =
                switch (encoder) {
                    case "libmp3lame" -> MP3_RATES;
                    case "ac3", "eac3" -> AC3_RATES;
                    case "libopus" -> OPUS_RATES;
                    default -> AAC_RATES;
                };
        return known.contains(wanted) ? wanted : SILENCE_HZ;
    }

    private static int channels(String encoder, SlateFormat.Audio audio) {
        int most =
                switch (encoder) {
                    case "libmp3lame" -> 2;
                    case "ac3", "eac3" -> 6;
                    default -> 8;
                };
        return audio.channels() >= 1 && audio.channels() <= most ? audio.channels() : 2;
    }
}
