package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * NAL units in the byte stream format (H.264 Annex B, H.265 Annex B) and in the length-prefixed
 * format of ISO/IEC 14496-15. Nothing here allocates. To walk an access unit:
 *
 * <pre>{@code
 * for (int nal = AnnexB.nalStart(au, from, to); nal >= 0; ) {
 *     int end = AnnexB.nalEnd(au, nal, to);
 *     // one NAL unit in nal..end, empty when nal == end
 *     nal = AnnexB.nalStart(au, end, to);
 * }
 * }</pre>
 */
public final class AnnexB {
    /** Bytes of the start code that this server writes, and of the length it writes. */
    public static final int PREFIX_SIZE = 4;

    private static final int START_CODE = 0x00000001;
    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Bytes that one turn of the search looks at. */
    private static final int STRIDE = 4 * Long.BYTES;

    private AnnexB() {}

    /**
     * Finds the first NAL unit that starts at or after {@code from}: the index after its start
     * code, or -1. Borrows {@code buf}, absolute indices.
     */
    public static int nalStart(ByteBuf buf, int from, int to) {
        int startCode = startCode(buf, from, to);
        return startCode < 0 ? -1 : startCode + 3;
    }

    /**
     * The end (exclusive) of the NAL unit that starts at {@code nal}, trailing zero bytes left out:
     * a NAL unit never ends in a zero byte (H.264 §7.4.1).
     */
    public static int nalEnd(ByteBuf buf, int nal, int to) {
        int next = startCode(buf, nal, to);
        int end = next < 0 ? to : next;
        while (end > nal && buf.getByte(end - 1) == 0) {
            end--;
        }
        return end;
    }

    /** The index of the next 00 00 01, or -1. Looks at eight bytes at a time for a zero. */
    static int startCode(ByteBuf buf, int from, int to) {
        if (buf.hasArray()) {
            int base = buf.arrayOffset();
            int found = startCode(buf.array(), base + from, base + to);
            return found < 0 ? -1 : found - base;
        }
        int i = from;
        int stop = to - 2;
        while (i < stop) {
            if (i + 8 <= to) {
                long word = buf.getLongLE(i);
                long zero = (word - LOW_BITS) & ~word & HIGH_BITS;
                if (zero == 0) {
                    i += 8;
                    continue;
                }
                i += Long.numberOfTrailingZeros(zero) >>> 3;
                if (i >= stop) {
                    return -1;
                }
            }
            // 00 00 01 at i, or how far it is certain that none starts
            byte third = buf.getByte(i + 2);
            if (third == 1 && buf.getByte(i) == 0 && buf.getByte(i + 1) == 0) {
                return i;
            }
            i += third == 0 ? 1 : 3;
        }
        return -1;
    }

    /**
     * The index of the next 00 00 01, or -1. Looks for two zeros in a row, which are rare in a
     * coded picture where one is not.
     */
    public static int startCode(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to - STRIDE) {
            long first = twoZeros(bytes, i);
            long second = twoZeros(bytes, i + 8);
            long third = twoZeros(bytes, i + 16);
            long fourth = twoZeros(bytes, i + 24);
            if ((first | second | third | fourth) == 0) {
                i += STRIDE;
                continue;
            }
            i += first != 0 ? at(first) : second != 0 ? 8 + at(second) : lateAt(third, fourth);
            if (i + 2 < to && bytes[i + 2] == 1) {
                return i;
            }
            i++;
        }
        while (i < to - 2) {
            int last = bytes[i + 2];
            if (last == 1 && bytes[i] == 0 && bytes[i + 1] == 0) {
                return i;
            }
            i += last == 0 ? 1 : 3;
        }
        return -1;
    }

    /** A bit in the lowest of eight bytes that is zero and followed by a zero, and maybe above. */
    private static long twoZeros(byte[] bytes, int i) {
        long pairs = (long) LONGS.get(bytes, i) | (long) LONGS.get(bytes, i + 1);
        return (pairs - LOW_BITS) & ~pairs & HIGH_BITS;
    }

    private static int at(long bits) {
        return Long.numberOfTrailingZeros(bits) >>> 3;
    }

    private static int lateAt(long third, long fourth) {
        return third != 0 ? 16 + at(third) : 24 + at(fourth);
    }

    /** The most that {@link #toLengthPrefixed} writes for so many bytes of Annex B. */
    public static int maxLengthPrefixedSize(int annexBSize) {
        return annexBSize + Math.min(annexBSize / 4, Limits.MAX_NAL_UNITS);
    }

    /** The most that {@link #fromLengthPrefixed} writes for so many length-prefixed bytes. */
    public static int maxAnnexBSize(int lengthPrefixedSize, int lengthSize) {
        int nalUnits = Math.min(lengthPrefixedSize / (lengthSize + 1), Limits.MAX_NAL_UNITS);
        return lengthPrefixedSize + (PREFIX_SIZE - lengthSize) * nalUnits;
    }

    /**
     * Writes the NAL units of an access unit with four-byte lengths. Access unit delimiters and
     * filler data are left out (ISO/IEC 14496-15: filler shall not be stored), and parameter sets
     * too unless they are asked for: they are in the configuration record.
     *
     * @param codec {@link CodecId#H264} or {@link CodecId#H265}
     * @param src borrowed, indices left alone
     * @param out borrowed, written to; as it was when this fails
     * @return number of NAL units written, 0 when there is no start code in {@code src}
     */
    public static int toLengthPrefixed(
            CodecId codec, ByteBuf src, ByteBuf out, boolean keepParameterSets)
            throws MalformedException {
        boolean hevc = isHevc(codec);
        int mark = out.writerIndex();
        int to = src.writerIndex();
        int seen = 0;
        int written = 0;
        for (int nal = nalStart(src, src.readerIndex(), to); nal >= 0; ) {
            int end = nalEnd(src, nal, to);
            if (++seen > Limits.MAX_NAL_UNITS) {
                out.writerIndex(mark);
                throw tooMany();
            }
            if (end > nal && isStored(hevc, src.getByte(nal), keepParameterSets)) {
                out.writeInt(end - nal).writeBytes(src, nal, end - nal);
                written++;
            }
            nal = nalStart(src, end, to);
        }
        return written;
    }

    /**
     * Writes length-prefixed NAL units in the byte stream format, each with a four-byte start code.
     * Empty ones are left out.
     *
     * @param src borrowed, indices left alone
     * @param lengthSize 1, 2 or 4, as the configuration record says
     * @param out borrowed, written to; as it was when this fails
     * @return number of NAL units written
     */
    public static int fromLengthPrefixed(ByteBuf src, int lengthSize, ByteBuf out)
            throws MalformedException {
        int mark = out.writerIndex();
        int index = src.readerIndex();
        int to = src.writerIndex();
        int seen = 0;
        int written = 0;
        while (index < to) {
            int length = nalLength(src, index, lengthSize, to);
            if (length < 0 || ++seen > Limits.MAX_NAL_UNITS) {
                out.writerIndex(mark);
                throw length < 0 ? badLength(index - src.readerIndex()) : tooMany();
            }
            index += lengthSize;
            if (length > 0) {
                out.writeInt(START_CODE).writeBytes(src, index, length);
                index += length;
                written++;
            }
        }
        return written;
    }

    /**
     * Turns four-byte lengths into four-byte start codes in place.
     *
     * @param accessUnit borrowed, written to, indices left alone
     * @return false when a length does not fit or there are too many: nothing is changed then
     */
    public static boolean fromLengthPrefixedInPlace(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        int seen = 0;
        for (int index = accessUnit.readerIndex(); index < to; ) {
            int length = nalLength(accessUnit, index, PREFIX_SIZE, to);
            if (length < 0 || ++seen > Limits.MAX_NAL_UNITS) {
                return false;
            }
            index += PREFIX_SIZE + length;
        }
        for (int index = accessUnit.readerIndex(); index < to; ) {
            int length = accessUnit.getInt(index);
            accessUnit.setInt(index, START_CODE);
            index += PREFIX_SIZE + length;
        }
        return true;
    }

    /** The length field at {@code index}, -1 when it or what it counts is not there. */
    private static int nalLength(ByteBuf buf, int index, int lengthSize, int to) {
        int rest = to - index - lengthSize;
        if (rest < 0) {
            return -1;
        }
        long length =
                switch (lengthSize) {
                    case 1 -> buf.getUnsignedByte(index);
                    case 2 -> buf.getUnsignedShort(index);
                    case 4 -> buf.getUnsignedInt(index);
                    default -> throw new IllegalArgumentException("lengthSize " + lengthSize);
                };
        return length > rest ? -1 : (int) length;
    }

    private static boolean isStored(boolean hevc, byte header, boolean keepParameterSets) {
        if (hevc) {
            int type = H265.nalType(header);
            return type != H265.NAL_AUD
                    && type != H265.NAL_FILLER
                    && (keepParameterSets || type < H265.NAL_VPS || type > H265.NAL_PPS);
        }
        int type = H264.nalType(header);
        return type != H264.NAL_AUD
                && type != H264.NAL_FILLER
                && (keepParameterSets
                        || (type != H264.NAL_SPS
                                && type != H264.NAL_PPS
                                && type != H264.NAL_SPS_EXTENSION));
    }

    private static boolean isHevc(CodecId codec) {
        return switch (codec) {
            case H264 -> false;
            case H265 -> true;
            case AV1, VP9, AAC, MP3, AC3, EAC3, OPUS, FLAC ->
                    throw new IllegalArgumentException(codec + " has no NAL units");
        };
    }

    private static MalformedException tooMany() {
        return new MalformedException(
                "NAL units in an access unit",
                "more than " + Limits.MAX_NAL_UNITS,
                "at most " + Limits.MAX_NAL_UNITS);
    }

    private static MalformedException badLength(int offset) {
        return new MalformedException(
                "NAL unit length at byte " + offset,
                "more than there is",
                "a NAL unit within the access unit");
    }
}
