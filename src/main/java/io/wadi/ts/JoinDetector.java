package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecId;

/**
 * Tells whether a picture is a random access point from its first packets, as they come. The same
 * rule as in the demultiplexer: {@link NalKind#isRandomAccess}. One owner thread.
 */
final class JoinDetector {
    enum Answer {
        YES,
        NO,
        /** The first slice has not come yet. */
        OPEN
    }

    /** So much of a NAL unit says its kind. */
    private static final int NAL_BYTES = 4;

    private static final int NOT_IN_NAL = -1;
    private static final int SEQUENCE_HEADER_CODE = 0x1B3;

    private TsTrack track;
    private boolean marked;
    private int window;
    private int kinds;
    private int nalHead;
    private int nalBytes;

    /**
     * A picture starts.
     *
     * @param randomAccess random_access_indicator of its first packet
     */
    void start(TsTrack of, boolean randomAccess) {
        track = of;
        marked = randomAccess;
        window = -1;
        kinds = 0;
        nalBytes = NOT_IN_NAL;
    }

    /** Looks at the next payload bytes of the picture; borrows {@code buf}. */
    Answer look(ByteBuf buf, int from, int to) {
        if (track.codec().isEmpty()) {
            return marked || hasSequenceHeader(buf, from, to) ? Answer.YES : Answer.NO;
        }
        return switch (track.codec().get()) {
            case H264, H265 -> nalUnits(buf, from, to);
            case AV1 -> av1(buf, from, to) ? Answer.YES : Answer.NO;
            case VP9 ->
                    from < to && KeyFrames.vp9(buf.getUnsignedByte(from)) ? Answer.YES : Answer.NO;
            case AAC, MP3, AC3, EAC3, OPUS, FLAC -> Answer.YES;
        };
    }

    private Answer nalUnits(ByteBuf buf, int from, int to) {
        for (int at = from; at < to; at++) {
            int b = buf.getUnsignedByte(at);
            window = window << 8 | b;
            if (nalBytes != NOT_IN_NAL) {
                nalHead = nalHead << 8 | b;
                nalBytes++;
                if (nalBytes == NAL_BYTES) {
                    nalBytes = NOT_IN_NAL;
                    NalKind kind = kind();
                    kinds |= kind.bit();
                    if (kind.isSlice()) {
                        return NalKind.isRandomAccess(kinds, marked) ? Answer.YES : Answer.NO;
                    }
                }
            }
            if ((window & 0xFF_FFFF) == 1) {
                nalHead = 0;
                nalBytes = 0;
            }
        }
        return Answer.OPEN;
    }

    private NalKind kind() {
        int b0 = nalHead >>> 24;
        int b1 = nalHead >>> 16 & 0xFF;
        return track.codec().orElseThrow() == CodecId.H264
                ? NalKind.h264(b0, b1, nalHead & 0xFF)
                : NalKind.h265(b0, b1, nalHead >>> 8 & 0xFF);
    }

    /** A sequence header, behind a temporal delimiter or not: encoders send it at key frames. */
    private static boolean av1(ByteBuf buf, int from, int to) {
        boolean delimiter = from < to && buf.getUnsignedByte(from) >>> 3 == 2;
        int at = delimiter ? from + 2 : from;
        return at < to && (buf.getUnsignedByte(at) >>> 3 & 0x0F) == 1;
    }

    /** MPEG-1 and MPEG-2 video (ISO/IEC 13818-2 §6.2.2.1). */
    private boolean hasSequenceHeader(ByteBuf buf, int from, int to) {
        if (track.streamType() != 0x01 && track.streamType() != 0x02) {
            return false;
        }
        for (int at = from; at + Integer.BYTES <= to; at++) {
            if (buf.getInt(at) == SEQUENCE_HEADER_CODE) {
                return true;
            }
        }
        return false;
    }
}
