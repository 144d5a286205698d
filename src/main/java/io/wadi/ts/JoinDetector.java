package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecId;

/**
 * Tells whether a picture is a random access point from its first packets, as they come. The same
 * rules as in the demultiplexer: {@link NalKind#isRandomAccess}, {@link KeyFrames}. It says yes
 * only when all is there that says what the picture is like: parameter sets and the slice header's
 * reference to them, or the sequence or frame header. One owner thread.
 */
final class JoinDetector {
    enum Answer {
        YES,
        NO,
        /** Too little has come yet. */
        OPEN
    }

    /** So much of a NAL unit says its kind. */
    private static final int NAL_BYTES = 4;

    /**
     * So much of the first slice's NAL unit has its reference to a picture parameter set in it: the
     * NAL unit header, first_mb_in_slice, slice_type and pic_parameter_set_id of H.264 take at most
     * 8 bytes, and emulation prevention adds two; H.265 takes less.
     */
    private static final int SLICE_BYTES = 12;

    /** A temporal delimiter, a sequence header and metadata in front of a frame of AV1. */
    private static final int MAX_HEAD = 2048;

    /** Uncompressed header of a VP9 key frame up to frame_height (VP9 bitstream §6.2). */
    private static final int VP9_HEAD = 10;

    private static final int NOT_IN_NAL = -1;
    private static final int SEQUENCE_HEADER_CODE = 0x1B3;

    private TsTrack track;
    private boolean marked;
    private int window;
    private int kinds;
    private int nalHead;
    private int nalBytes;

    /** Bytes of the first slice, when decoding can start with it; 0 before. */
    private int sliceBytes;

    /** The first bytes of an AV1 or VP9 picture. */
    private byte[] head = {};

    private int headLength;

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
        sliceBytes = 0;
        headLength = 0;
    }

    /** Whether it is one as far as it has come: nothing more of the picture comes. */
    boolean verdict() {
        return sliceBytes > 0 || (headLength > 0 && headAnswer() == Answer.YES);
    }

    /** Looks at the next payload bytes of the picture; borrows {@code buf}. */
    Answer look(ByteBuf buf, int from, int to) {
        if (track.codec().isEmpty()) {
            return marked || hasSequenceHeader(buf, from, to) ? Answer.YES : Answer.NO;
        }
        return switch (track.codec().get()) {
            case H264, H265 -> nalUnits(buf, from, to);
            case AV1, VP9 -> head(buf, from, to);
            case AAC, MP3, AC3, EAC3, OPUS, FLAC -> Answer.YES;
        };
    }

    private Answer nalUnits(ByteBuf buf, int from, int to) {
        for (int at = from; at < to; at++) {
            int b = buf.getUnsignedByte(at);
            window = window << 8 | b;
            if (sliceBytes > 0) {
                sliceBytes++;
                if (sliceBytes == SLICE_BYTES || (window & 0xFF_FFFF) == 1) {
                    return Answer.YES;
                }
                continue;
            }
            if (nalBytes != NOT_IN_NAL) {
                nalHead = nalHead << 8 | b;
                nalBytes++;
                if (nalBytes == NAL_BYTES) {
                    nalBytes = NOT_IN_NAL;
                    NalKind kind = kind();
                    kinds |= kind.bit();
                    if (kind.isSlice()) {
                        if (!NalKind.isRandomAccess(kinds, marked)) {
                            return Answer.NO;
                        }
                        sliceBytes = NAL_BYTES;
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

    private Answer head(ByteBuf buf, int from, int to) {
        if (head.length == 0) {
            head = new byte[MAX_HEAD];
        }
        int taken = Math.min(to - from, MAX_HEAD - headLength);
        buf.getBytes(from, head, headLength, taken);
        headLength += taken;
        Answer answer = headLength == 0 ? Answer.OPEN : headAnswer();
        boolean full = headLength == MAX_HEAD;
        return answer == Answer.OPEN && full ? Answer.NO : answer;
    }

    private Answer headAnswer() {
        if (track.codec().orElseThrow() == CodecId.AV1) {
            return KeyFrames.av1(head, 0, headLength);
        }
        if (!KeyFrames.vp9(head[0] & 0xFF)) {
            return Answer.NO;
        }
        return headLength >= VP9_HEAD ? Answer.YES : Answer.OPEN;
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
