package io.wadi.flv;

import io.netty.buffer.ByteBuf;

/**
 * Writes the headers of audio and video tag bodies; the payload follows them. The counterpart of
 * {@link FlvPacketReader}. Every {@code out} is borrowed.
 */
public final class FlvPacketWriter {
    /** The most bytes that a header of this class takes. */
    public static final int MAX_HEADER_SIZE = 16;

    private static final int FRAME_TYPE_INTER = 2;
    private static final int AAC_44_KHZ_16_BIT_STEREO = 0xAF;
    private static final int MP3_44_KHZ_16_BIT_STEREO = 0x2F;

    private FlvPacketWriter() {}

    /** Whether players without Enhanced RTMP know the codec. */
    public static boolean isLegacy(FlvCodec codec) {
        return codec == FlvCodec.AVC || codec == FlvCodec.AAC || codec == FlvCodec.MP3;
    }

    /**
     * Writes a legacy video header, AVC or HEVC as number 12.
     *
     * @param kind SEQUENCE_START, CODED_FRAMES or SEQUENCE_END
     */
    public static void legacyVideo(
            FlvCodec codec,
            FlvPacket.Kind kind,
            boolean keyFrame,
            int compositionTimeMs,
            ByteBuf out) {
        if (!codec.hasLegacyVideoPacketType()) {
            throw new IllegalArgumentException(codec + " has no legacy video tag");
        }
        out.writeByte(frameType(keyFrame) << 4 | codec.legacyId());
        out.writeByte(videoPacketType(kind, false));
        out.writeMedium(compositionTimeMs);
    }

    /**
     * Writes a legacy audio header, AAC or MP3.
     *
     * @param kind SEQUENCE_START (AAC) or CODED_FRAMES
     */
    public static void legacyAudio(FlvCodec codec, FlvPacket.Kind kind, ByteBuf out) {
        switch (codec) {
            case AAC ->
                    out.writeByte(AAC_44_KHZ_16_BIT_STEREO)
                            .writeByte(kind == FlvPacket.Kind.SEQUENCE_START ? 0 : 1);
            case MP3 -> out.writeByte(MP3_44_KHZ_16_BIT_STEREO);
            default -> throw new IllegalArgumentException(codec + " has no legacy audio tag");
        }
    }

    /** Writes an enhanced video header of a tag with one unnumbered track. */
    public static void video(
            FlvCodec codec,
            FlvPacket.Kind kind,
            boolean keyFrame,
            int compositionTimeMs,
            ByteBuf out) {
        int type = videoPacketType(kind, codec.hasCompositionTime() && compositionTimeMs == 0);
        out.writeByte(0x80 | frameType(keyFrame) << 4 | type);
        out.writeInt(codec.fourCcInt());
        compositionTime(codec, type, compositionTimeMs, out);
    }

    /** Writes an enhanced audio header of a tag with one unnumbered track. */
    public static void audio(FlvCodec codec, FlvPacket.Kind kind, ByteBuf out) {
        out.writeByte(FlvPacketReader.EX_AUDIO << 4 | audioPacketType(kind));
        out.writeInt(codec.fourCcInt());
    }

    /** Writes an enhanced video header of a tag with one numbered track (OneTrack). */
    public static void videoTrack(
            FlvCodec codec,
            int trackId,
            FlvPacket.Kind kind,
            boolean keyFrame,
            int compositionTimeMs,
            ByteBuf out) {
        int type = videoPacketType(kind, codec.hasCompositionTime() && compositionTimeMs == 0);
        out.writeByte(0x80 | frameType(keyFrame) << 4 | FlvPacketReader.VIDEO_MULTITRACK);
        out.writeByte(FlvPacketReader.MULTITRACK_ONE << 4 | type);
        out.writeInt(codec.fourCcInt()).writeByte(trackId);
        compositionTime(codec, type, compositionTimeMs, out);
    }

    /** Writes an enhanced audio header of a tag with one numbered track (OneTrack). */
    public static void audioTrack(FlvCodec codec, int trackId, FlvPacket.Kind kind, ByteBuf out) {
        out.writeByte(FlvPacketReader.EX_AUDIO << 4 | FlvPacketReader.AUDIO_MULTITRACK);
        out.writeByte(FlvPacketReader.MULTITRACK_ONE << 4 | audioPacketType(kind));
        out.writeInt(codec.fourCcInt()).writeByte(trackId);
    }

    private static void compositionTime(FlvCodec codec, int type, int millis, ByteBuf out) {
        if (type == FlvPacketReader.CODED_FRAMES && codec.hasCompositionTime()) {
            out.writeMedium(millis);
        }
    }

    private static int frameType(boolean keyFrame) {
        return keyFrame ? FlvPacketReader.FRAME_TYPE_KEY : FRAME_TYPE_INTER;
    }

    private static int videoPacketType(FlvPacket.Kind kind, boolean withoutCompositionTime) {
        return switch (kind) {
            case SEQUENCE_START -> FlvPacketReader.SEQUENCE_START;
            case CODED_FRAMES ->
                    withoutCompositionTime
                            ? FlvPacketReader.CODED_FRAMES_X
                            : FlvPacketReader.CODED_FRAMES;
            case SEQUENCE_END -> FlvPacketReader.SEQUENCE_END;
            case METADATA -> FlvPacketReader.METADATA;
            case MPEG2_TS_SEQUENCE_START -> FlvPacketReader.VIDEO_MPEG2_TS_SEQUENCE_START;
            case MULTICHANNEL_CONFIG, UNKNOWN ->
                    throw new IllegalArgumentException(kind + " is not of video tags");
        };
    }

    private static int audioPacketType(FlvPacket.Kind kind) {
        return switch (kind) {
            case SEQUENCE_START -> FlvPacketReader.SEQUENCE_START;
            case CODED_FRAMES -> FlvPacketReader.CODED_FRAMES;
            case SEQUENCE_END -> FlvPacketReader.SEQUENCE_END;
            case MULTICHANNEL_CONFIG -> FlvPacketReader.MULTICHANNEL_CONFIG;
            case METADATA, MPEG2_TS_SEQUENCE_START, UNKNOWN ->
                    throw new IllegalArgumentException(kind + " is not of audio tags");
        };
    }
}
