package io.wadi.codec;

/** Bounds on what a bitstream may make this server store or walk through. */
final class Limits {
    /** Luma samples a side: level 6.2 of H.264 and H.265 allow 16888, hardware ends at 16384. */
    static final int MAX_PICTURE_SIDE = 16_384;

    /**
     * NAL units in one access unit. One slice for each 1200-byte RTP packet of a 4 MiB key picture
     * is about 3500.
     */
    static final int MAX_NAL_UNITS = 4096;

    /** Bytes of one parameter set: real ones are below 1 KiB, scaling lists included. */
    static final int MAX_PARAMETER_SET_SIZE = 16_384;

    /** Bytes of all parameter sets that one track may hold at a time. */
    static final int MAX_PARAMETER_SETS_BYTES = 65_536;

    /** Bytes of a configuration record: all parameter sets and their framing. */
    static final int MAX_CONFIG_SIZE = 2 * MAX_PARAMETER_SETS_BYTES;

    /** OBUs in one AV1 temporal unit: tile groups are at most 4096 (64 rows by 64 columns). */
    static final int MAX_OBUS = 8192;

    /** Samples a second: the highest rate that any codec here can express in practice. */
    static final int MAX_SAMPLE_RATE = 768_000;

    private Limits() {}

    static void checkPicture(String what, long width, long height) throws MalformedException {
        if (width < 1 || height < 1 || width > MAX_PICTURE_SIDE || height > MAX_PICTURE_SIDE) {
            throw new MalformedException(
                    what,
                    width + "x" + height,
                    "1x1 to " + MAX_PICTURE_SIDE + "x" + MAX_PICTURE_SIDE);
        }
    }

    static void checkSize(String what, int size, int min, int max) throws MalformedException {
        if (size < min || size > max) {
            throw new MalformedException(what, size + " bytes", min + " to " + max + " bytes");
        }
    }
}
