package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/** H.265 NAL units and access units (ITU-T H.265 §7.3.1, §7.4.2). */
public final class H265 {
    public static final int NAL_BLA_W_LP = 16;
    public static final int NAL_IDR_W_RADL = 19;
    public static final int NAL_IDR_N_LP = 20;
    public static final int NAL_CRA = 21;

    /** The last of the intra random access point types. */
    public static final int NAL_RSV_IRAP_VCL23 = 23;

    public static final int NAL_VPS = 32;
    public static final int NAL_SPS = 33;
    public static final int NAL_PPS = 34;
    public static final int NAL_AUD = 35;
    public static final int NAL_END_OF_SEQUENCE = 36;
    public static final int NAL_END_OF_BITSTREAM = 37;
    public static final int NAL_FILLER = 38;
    public static final int NAL_PREFIX_SEI = 39;
    public static final int NAL_SUFFIX_SEI = 40;

    /** Bytes that {@link #writeAccessUnitDelimiter} writes. */
    public static final int ACCESS_UNIT_DELIMITER_SIZE = 7;

    private H265() {}

    /** nal_unit_type of a NAL unit's first byte. */
    public static int nalType(int header) {
        return header >> 1 & 0x3F;
    }

    static boolean isSlice(int nalType) {
        return nalType < NAL_VPS;
    }

    /** nuh_layer_id of the two header bytes. */
    static int layerId(int first, int second) {
        return (first & 1) << 5 | (second >> 3 & 0x1F);
    }

    /**
     * Whether the access unit is an intra random access point: IDR, CRA or BLA. Looks no further
     * than the first slice.
     *
     * @param accessUnit Annex B, borrowed, indices left alone
     */
    public static boolean isRandomAccess(ByteBuf accessUnit) {
        int type = firstSliceType(accessUnit);
        return type >= NAL_BLA_W_LP && type <= NAL_RSV_IRAP_VCL23;
    }

    /** Whether the access unit is an IDR picture: nothing after it refers to what is before. */
    public static boolean isIdr(ByteBuf accessUnit) {
        int type = firstSliceType(accessUnit);
        return type == NAL_IDR_W_RADL || type == NAL_IDR_N_LP;
    }

    /** nal_unit_type of the first slice segment, -1 when there is none. */
    private static int firstSliceType(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        int seen = 0;
        for (int nal = AnnexB.nalStart(accessUnit, accessUnit.readerIndex(), to);
                nal >= 0 && nal < to && seen < Limits.MAX_NAL_UNITS;
                seen++) {
            int type = nalType(accessUnit.getByte(nal));
            if (isSlice(type)) {
                return type;
            }
            nal = AnnexB.nalStart(accessUnit, nal, to);
        }
        return -1;
    }

    /**
     * Writes an access unit delimiter NAL unit that allows any slice type, start code included.
     *
     * @param out borrowed
     */
    public static void writeAccessUnitDelimiter(ByteBuf out) {
        // nal_unit_header: type 35, layer 0, temporal id 0; pic_type 2 and the stop bit
        out.writeInt(1).writeMedium(NAL_AUD << 17 | 0x0150);
    }

    /** Whether an Annex B access unit starts with an access unit delimiter. Borrows. */
    public static boolean startsWithAccessUnitDelimiter(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        int nal = AnnexB.nalStart(accessUnit, accessUnit.readerIndex(), to);
        return nal >= 0 && nal < to && nalType(accessUnit.getByte(nal)) == NAL_AUD;
    }

    /** The format that an {@code hvcC} record declares, as FLV, RTMP and MP4 carry it. */
    public static VideoFormat format(CodecConfig hvcC) throws MalformedException {
        return HevcConfig.parse(hvcC).format();
    }

    /**
     * The Annex B bytes to put before a key picture that lacks them: access unit delimiter, VPS,
     * SPS, PPS.
     */
    public static byte[] parameterSetsPrefix(CodecConfig hvcC) throws MalformedException {
        return HevcConfig.parse(hvcC).parameterSetsPrefix();
    }
}
