package io.wadi.stream;

import static io.wadi.stream.StreamSpec.list;
import static io.wadi.stream.StreamSpec.orEmpty;
import static io.wadi.stream.StreamSpec.present;

import java.util.List;
import java.util.Optional;

/** How the stream is transcoded; an absent transcoder passes everything through. */
public record TranscoderSpec(
        String mode,
        Video video,
        Audio audio,
        Decoder decoder,
        Global global,
        List<String> extraArgs) {
    public TranscoderSpec {
        mode = orEmpty(mode);
        video = video == null ? Video.NONE : video;
        audio = audio == null ? Audio.NONE : audio;
        decoder = decoder == null ? Decoder.NONE : decoder;
        global = global == null ? Global.NONE : global;
        extraArgs = list(extraArgs);
    }

    /**
     * The video ladder: rendition {@code track_1} is the first profile.
     *
     * @param upscale whether renditions that are larger than the source are made, too
     * @param onDemand whether renditions are made only while somebody takes them
     * @param onDemandIdleSec seconds after which a rendition that nobody takes is not made any more
     */
    public record Video(
            boolean copy,
            String interlace,
            boolean upscale,
            boolean onDemand,
            int onDemandIdleSec,
            List<Profile> profiles) {
        static final Video NONE = new Video(false, "", false, false, 0, List.of());

        public Video {
            interlace = orEmpty(interlace);
            profiles = list(profiles);
        }
    }

    /**
     * One rung of the ladder; bit rates in kbit/s, the key frame interval in seconds.
     *
     * @param onDemand as in {@link Video}, for this one; in mode {@code per_profile}
     */
    public record Profile(
            int width,
            int height,
            int bitrate,
            int maxBitrate,
            double framerate,
            double keyframeInterval,
            String codec,
            String preset,
            String profile,
            String level,
            Optional<Integer> bframes,
            Optional<Integer> refs,
            String sar,
            String resizeMode,
            boolean onDemand) {
        /** kbit/s where the document says 0 or nothing. */
        public static final int DEFAULT_BITRATE = 2500;

        public Profile {
            codec = orEmpty(codec);
            preset = orEmpty(preset);
            profile = orEmpty(profile);
            level = orEmpty(level);
            bframes = present(bframes);
            refs = present(refs);
            sar = orEmpty(sar);
            resizeMode = orEmpty(resizeMode);
        }

        public int effectiveBitrate() {
            return bitrate == 0 ? DEFAULT_BITRATE : bitrate;
        }
    }

    /** Audio of every rendition; bit rate in kbit/s. */
    public record Audio(
            boolean copy,
            String codec,
            int bitrate,
            int sampleRate,
            int channels,
            String language,
            boolean normalize) {
        /** kbit/s where the document says 0 or nothing. */
        public static final int DEFAULT_BITRATE = 128;

        static final Audio NONE = new Audio(false, "", 0, 0, 0, "", false);

        public Audio {
            codec = orEmpty(codec);
            language = orEmpty(language);
        }

        public int effectiveBitrate() {
            return bitrate == 0 ? DEFAULT_BITRATE : bitrate;
        }
    }

    /** Explicit decoder, empty for the encoder program's choice. */
    public record Decoder(String name) {
        static final Decoder NONE = new Decoder("");

        public Decoder {
            name = orEmpty(name);
        }
    }

    /**
     * Settings of all renditions; {@code hw_accel} is read as {@code hw}.
     *
     * @param deviceid which graphics card, 0 is the first; absent for the one with the least to do
     */
    public record Global(String hw, double fps, int gop, Optional<Integer> deviceid) {
        static final Global NONE = new Global("", 0, 0, Optional.empty());

        public Global {
            hw = orEmpty(hw);
            deviceid = present(deviceid);
        }
    }
}
