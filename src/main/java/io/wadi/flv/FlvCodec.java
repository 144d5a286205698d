package io.wadi.flv;

import io.wadi.codec.CodecId;

import java.util.Arrays;
import java.util.Optional;

/**
 * What an audio or video tag says that it carries: by a number of four bits (Annex E.4.2.1,
 * E.4.3.1) or by a FourCC (Enhanced RTMP). The ones without a {@link CodecId} are known by name
 * only, so that a refusal can say what was sent.
 */
public enum FlvCodec {
    AVC(true, "avc1", 7, CodecId.H264),
    /** 12 is what Chinese CDNs and their encoders use for H.265, sequence header as for AVC. */
    HEVC(true, "hvc1", 12, CodecId.H265),
    AV1(true, "av01", 13, CodecId.AV1),
    VP9(true, "vp09", -1, CodecId.VP9),
    VP8(true, "vp08", -1, null),
    VVC(true, "vvc1", -1, null),
    SORENSON_H263(true, "", 2, null),
    SCREEN_VIDEO(true, "", 3, null),
    VP6(true, "", 4, null),
    VP6_ALPHA(true, "", 5, null),
    SCREEN_VIDEO_2(true, "", 6, null),
    AAC(false, "mp4a", 10, CodecId.AAC),
    MP3(false, ".mp3", 2, CodecId.MP3),
    /** Layer III at 8 kHz had a number of its own. */
    MP3_8_KHZ(false, "", 14, CodecId.MP3),
    OPUS(false, "Opus", 13, CodecId.OPUS),
    AC3(false, "ac-3", -1, CodecId.AC3),
    EAC3(false, "ec-3", -1, CodecId.EAC3),
    FLAC(false, "fLaC", -1, CodecId.FLAC),
    PCM(false, "", 0, null),
    ADPCM(false, "", 1, null),
    PCM_LE(false, "", 3, null),
    NELLYMOSER_16_KHZ(false, "", 4, null),
    NELLYMOSER_8_KHZ(false, "", 5, null),
    NELLYMOSER(false, "", 6, null),
    G711_A_LAW(false, "", 7, null),
    G711_MU_LAW(false, "", 8, null),
    SPEEX(false, "", 11, null),
    UNKNOWN(false, "", -1, null);

    private static final FlvCodec[] VIDEO_BY_ID = byId(true);
    private static final FlvCodec[] AUDIO_BY_ID = byId(false);

    private final boolean video;
    private final String fourCc;
    private final int legacyId;
    private final CodecId codec;

    FlvCodec(boolean video, String fourCc, int legacyId, CodecId codec) {
        this.video = video;
        this.fourCc = fourCc;
        this.legacyId = legacyId;
        this.codec = codec;
    }

    private static FlvCodec[] byId(boolean video) {
        FlvCodec[] table = new FlvCodec[16];
        Arrays.fill(table, UNKNOWN);
        for (FlvCodec codec : values()) {
            if (codec.legacyId >= 0 && codec.video == video) {
                table[codec.legacyId] = codec;
            }
        }
        return table;
    }

    /** CodecID of a legacy video tag. */
    static FlvCodec ofVideoId(int id) {
        return VIDEO_BY_ID[id];
    }

    /** SoundFormat of a legacy audio tag. */
    static FlvCodec ofSoundFormat(int format) {
        return AUDIO_BY_ID[format];
    }

    static FlvCodec ofFourCc(int fourCc) {
        for (FlvCodec codec : values()) {
            if (!codec.fourCc.isEmpty() && codec.fourCcInt() == fourCc) {
                return codec;
            }
        }
        return UNKNOWN;
    }

    /** The FLV codec that carries a codec, preferring the one with a FourCC. */
    public static FlvCodec of(CodecId codec) {
        return switch (codec) {
            case H264 -> AVC;
            case H265 -> HEVC;
            case AV1 -> AV1;
            case VP9 -> VP9;
            case AAC -> AAC;
            case MP3 -> MP3;
            case AC3 -> AC3;
            case EAC3 -> EAC3;
            case OPUS -> OPUS;
            case FLAC -> FLAC;
        };
    }

    /** The FourCC of Enhanced RTMP, "" when it has none. */
    public String fourCc() {
        return fourCc;
    }

    int fourCcInt() {
        return fourCc.charAt(0) << 24
                | fourCc.charAt(1) << 16
                | fourCc.charAt(2) << 8
                | fourCc.charAt(3);
    }

    /** The number of four bits, -1 when it has none. */
    int legacyId() {
        return legacyId;
    }

    public Optional<CodecId> codec() {
        return Optional.ofNullable(codec);
    }

    public boolean isVideo() {
        return video;
    }

    /** Whether CodedFrames of this codec have a composition time (SI24). */
    boolean hasCompositionTime() {
        return this == AVC || this == HEVC || this == VVC;
    }

    /** Whether a legacy tag of this codec has an AVCPacketType and a composition time. */
    boolean hasLegacyVideoPacketType() {
        return this == AVC || this == HEVC || this == AV1;
    }
}
