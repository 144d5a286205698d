package io.wadi.ts;

import io.wadi.codec.CodecId;

/**
 * What a NAL unit means for access unit boundaries and random access (ISO/IEC 14496-10 §7.4.1.2.3,
 * ISO/IEC 23008-2 §7.4.2.4.4), told from its first bytes.
 */
enum NalKind {
    /** Access unit delimiter: always the first of its access unit. */
    DELIMITER,
    /** Begins an access unit when it follows a coded slice: parameter set, SEI. */
    LEADING,
    /** A sequence parameter set; begins an access unit as {@link #LEADING} does. */
    SEQUENCE,
    /** An SEI with a recovery point that is exact at once; as {@link #LEADING}. */
    RECOVERY,
    /** A coded slice of a random access picture, not the first of its picture. */
    RANDOM_SLICE,
    /** The first coded slice of a random access picture. */
    RANDOM_FIRST_SLICE,
    /** Another coded slice. */
    SLICE,
    /** The first coded slice of another picture. */
    FIRST_SLICE,
    /** Anything else: belongs to the access unit it stands in. */
    OTHER;

    /** SEI payloadType of the recovery point. */
    private static final int RECOVERY_POINT = 6;

    /**
     * Reads a NAL unit of H.264.
     *
     * @param b0 the NAL unit header
     * @param b1 the byte behind it, 0 when there is none
     * @param b3 the third byte behind it, where the payload of a first SEI message starts
     */
    static NalKind h264(int b0, int b1, int b3) {
        return switch (b0 & 0x1F) {
            case 9 -> DELIMITER;
            case 7 -> SEQUENCE;
            // payload_type, payload_size, then recovery_frame_cnt ue(v): '1' is 0
            case 6 -> b1 == RECOVERY_POINT && (b3 & 0x80) != 0 ? RECOVERY : LEADING;
            case 8, 14, 15, 16, 17, 18 -> LEADING;
            // first_mb_in_slice ue(v): '1' is 0
            case 5 -> (b1 & 0x80) != 0 ? RANDOM_FIRST_SLICE : RANDOM_SLICE;
            case 1, 2 -> (b1 & 0x80) != 0 ? FIRST_SLICE : SLICE;
            default -> OTHER;
        };
    }

    /**
     * Reads a NAL unit of H.265.
     *
     * @param b0 the first byte of the header
     * @param b1 the second
     * @param b2 the byte behind the header, 0 when there is none
     */
    static NalKind h265(int b0, int b1, int b2) {
        boolean layered = (b0 & 0x01) != 0 || (b1 & 0xF8) != 0; // nuh_layer_id
        int type = b0 >>> 1 & 0x3F;
        if (layered) {
            return OTHER;
        }
        boolean first = (b2 & 0x80) != 0; // first_slice_segment_in_pic_flag
        if (type >= 16 && type <= 21) { // BLA, IDR, CRA
            return first ? RANDOM_FIRST_SLICE : RANDOM_SLICE;
        }
        if (type < 16) {
            return first ? FIRST_SLICE : SLICE;
        }
        return switch (type) {
            case 35 -> DELIMITER;
            case 33 -> SEQUENCE;
            case 32, 34, 39, 41, 42, 43, 44, 48, 49, 50, 51, 52, 53, 54, 55 -> LEADING;
            default -> OTHER;
        };
    }

    /** Reads the NAL unit behind the start code at {@code startCode}. */
    static NalKind at(CodecId codec, byte[] bytes, int startCode, int to) {
        int b0 = unsigned(bytes, startCode + 3, to);
        int b1 = unsigned(bytes, startCode + 4, to);
        return codec == CodecId.H264
                ? h264(b0, b1, unsigned(bytes, startCode + 6, to))
                : h265(b0, b1, unsigned(bytes, startCode + 5, to));
    }

    private static int unsigned(byte[] bytes, int at, int to) {
        return at < to ? bytes[at] & 0xFF : 0;
    }

    boolean isSlice() {
        return this == SLICE || this == FIRST_SLICE || isRandomSlice();
    }

    boolean isRandomSlice() {
        return this == RANDOM_SLICE || this == RANDOM_FIRST_SLICE;
    }

    /** Whether a NAL unit of this kind that follows a coded slice begins the next access unit. */
    boolean beginsAfterSlice() {
        return switch (this) {
            case DELIMITER, LEADING, SEQUENCE, RECOVERY, RANDOM_FIRST_SLICE, FIRST_SLICE -> true;
            case RANDOM_SLICE, SLICE, OTHER -> false;
        };
    }

    /** This kind in a set of kinds. */
    @SuppressWarnings("EnumOrdinal") // the sets live for one access unit, never outside
    int bit() {
        return 1 << ordinal();
    }

    /**
     * Whether an access unit with these NAL units can be joined at: an IDR, CRA or BLA picture; or
     * a recovery point with its parameter sets; or what the multiplexer marked, if the parameter
     * sets are there.
     *
     * @param bits the {@link #bit()}s of its NAL units up to the first slice at least
     * @param marked random_access_indicator
     */
    static boolean isRandomAccess(int bits, boolean marked) {
        if ((bits & (RANDOM_SLICE.bit() | RANDOM_FIRST_SLICE.bit())) != 0) {
            return true;
        }
        return (bits & SEQUENCE.bit()) != 0 && (marked || (bits & RECOVERY.bit()) != 0);
    }
}
