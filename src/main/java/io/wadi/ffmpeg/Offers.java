package io.wadi.ffmpeg;

import io.wadi.codec.Vp9;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.RenditionOffer.State;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a playlist says of a rung that does not run: taken from the document and the source. Once a
 * rung has run, its own measures are better.
 */
final class Offers {
    /** Packets, tables and stuffing of MPEG-TS around what is encoded. */
    private static final double CONTAINER = 1.1;

    /** Where neither the document nor the source says. */
    private static final double USUAL_FPS = 25;

    /** Rec. ITU-T H.264 table A-1: macroblocks a second and a picture, and level_idc. */
    private static final int[][] AVC_LEVELS = {
        {1485, 99, 10},
        {3000, 396, 11},
        {6000, 396, 12},
        {11_880, 396, 13},
        {19_800, 792, 21},
        {20_250, 1620, 22},
        {40_500, 1620, 30},
        {108_000, 3600, 31},
        {216_000, 5120, 32},
        {245_760, 8192, 40},
        {522_240, 8704, 42},
        {589_824, 22_080, 50},
        {983_040, 36_864, 51},
        {2_073_600, 36_864, 52},
        {Integer.MAX_VALUE, Integer.MAX_VALUE, 62},
    };

    /** Rec. ITU-T H.265 table A.8: luma samples a second, and general_level_idc. */
    private static final long[][] HEVC_LEVELS = {
        {3_686_400, 60},
        {7_372_800, 63},
        {16_588_800, 90},
        {33_177_600, 93},
        {66_846_720, 120},
        {133_693_440, 123},
        {267_386_880, 150},
        {534_773_760, 153},
        {1_069_547_520, 156},
        {Long.MAX_VALUE, 186},
    };

    /** AV1 bitstream specification §A.3: luma samples a picture and a second, seq_level_idx. */
    private static final long[][] AV1_LEVELS = {
        {147_456, 4_423_680, 0},
        {278_784, 8_363_520, 1},
        {665_856, 19_975_680, 4},
        {1_065_024, 31_950_720, 5},
        {2_359_296, 70_778_880, 8},
        {2_359_296, 141_557_760, 9},
        {8_912_896, 267_386_880, 12},
        {8_912_896, 534_773_760, 13},
        {8_912_896, 1_069_547_520, 14},
        {35_651_584, 1_069_547_520, 16},
        {35_651_584, 2_139_095_040L, 17},
        {35_651_584, 4_278_190_080L, 18},
        {Long.MAX_VALUE, Long.MAX_VALUE, 31},
    };

    private Offers() {}

    static RenditionOffer leftOut(String reason) {
        return new RenditionOffer(State.LEFT_OUT, reason, 0, 0, 0, 0, 0, List.of(), false);
    }

    static RenditionOffer of(Rung rung, AudioPlan audio, SourceTracks source) {
        boolean sound = !source.audioPids().isEmpty();
        long soundBps = sound ? audio.bitrateBps() : 0;
        State state = rung.onDemand() ? State.ON_DEMAND : State.ALWAYS;
        List<String> codecs = new ArrayList<>();
        Optional<PictureSize> size = source.video().map(video -> PictureSize.of(rung, video));
        double declared = source.video().map(SourceTracks.Video::fps).orElse(0.0);
        double fps = rung.fps() > 0 ? rung.fps() : declared;
        size.filter(_ -> !rung.copy()).ifPresent(s -> codecs.add(codec(rung, s, fps)));
        if (sound && !audio.copy()) {
            codecs.add(codec(audio.codec()));
        }
        boolean complete = codecs.size() == (size.isPresent() ? 1 : 0) + (sound ? 1 : 0);
        return new RenditionOffer(
                state,
                "",
                size.map(PictureSize::width).orElse(0),
                size.map(PictureSize::height).orElse(0),
                size.isPresent() ? fps : 0,
                (long) ((rung.bitrateBps() + soundBps) * CONTAINER),
                (long) ((rung.effectiveMaxBitrate() + soundBps) * CONTAINER),
                // Half of them would say that there is no other half.
                complete ? codecs : List.of(),
                sound);
    }

    private static String codec(Rung rung, PictureSize size, double fps) {
        double rate = fps > 0 ? fps : USUAL_FPS;
        return switch (rung.codec()) {
            case H264 -> "avc1." + avcProfile(rung) + hex(avcLevel(rung, size, rate));
            case H265 -> "hvc1.1.6.L" + hevcLevel(rung, size, rate) + ".90";
            case AV1 ->
                    "av01.0.%02dM.%s"
                            .formatted(av1Level(rung, size, rate), rung.isTenBit() ? "10" : "08");
            case VP9 -> Vp9.codecString(size.width(), size.height(), rung.isTenBit());
        };
    }

    /** profile_idc and the constraint flags that encoders set with it. */
    private static String avcProfile(Rung rung) {
        boolean plain = rung.preset().equals("ultrafast");
        return switch (rung.profile().toLowerCase(Locale.ROOT)) {
            case "baseline", "constrained_baseline" -> "42C0";
            case "main" -> "4D40";
            default -> plain ? "42C0" : "6400";
        };
    }

    private static String hex(int value) {
        return String.format(Locale.ROOT, "%02X", value);
    }

    private static int avcLevel(Rung rung, PictureSize size, double fps) {
        if (!rung.level().isEmpty()) {
            return (int) Math.round(Double.parseDouble(rung.level()) * 10);
        }
        int blocks = Math.ceilDiv(size.width(), 16) * Math.ceilDiv(size.height(), 16);
        for (int[] level : AVC_LEVELS) {
            if (blocks * fps <= level[0] && blocks <= level[1]) {
                return level[2];
            }
        }
        throw new IllegalStateException("the last level takes all");
    }

    private static long hevcLevel(Rung rung, PictureSize size, double fps) {
        if (!rung.level().isEmpty()) {
            return Math.round(Double.parseDouble(rung.level()) * 30);
        }
        for (long[] level : HEVC_LEVELS) {
            if (size.area() * fps <= level[0]) {
                return level[1];
            }
        }
        throw new IllegalStateException("the last level takes all");
    }

    /** Levels 2.0, 2.1, ... are counted from 0, four to the first digit. */
    private static long av1Level(Rung rung, PictureSize size, double fps) {
        if (!rung.level().isEmpty()) {
            int tenths = (int) Math.round(Double.parseDouble(rung.level()) * 10);
            return Math.clamp((tenths / 10 - 2) * 4L + tenths % 10, 0, 23);
        }
        for (long[] level : AV1_LEVELS) {
            if (size.area() <= level[0] && size.area() * fps <= level[1]) {
                return level[2];
            }
        }
        throw new IllegalStateException("the last level takes all");
    }

    private static String codec(AudioPlan.AudioCodec codec) {
        return switch (codec) {
            case AAC -> "mp4a.40.2";
            case MP3 -> "mp4a.6B";
            case OPUS -> "opus";
            case AC3 -> "ac-3";
        };
    }
}
