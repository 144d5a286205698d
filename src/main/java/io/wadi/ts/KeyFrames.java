package io.wadi.ts;

/** Tells key frames of AV1 and VP9 from their first bits. */
final class KeyFrames {
    private static final int OBU_SEQUENCE_HEADER = 1;
    private static final int OBU_FRAME_HEADER = 3;
    private static final int OBU_FRAME = 6;
    private static final int MAX_LEB128_BYTES = 8;

    private KeyFrames() {}

    /**
     * Whether a temporal unit has a sequence header and a shown key frame (AV1 §5.5, §5.9).
     *
     * @param to where what has come of it ends; {@link JoinDetector.Answer#OPEN} when that is
     *     before the first frame
     */
    static JoinDetector.Answer av1(byte[] bytes, int from, int to) {
        boolean sequence = false;
        boolean reduced = false;
        int at = from;
        while (at < to) {
            int header = bytes[at++] & 0xFF;
            int type = header >>> 3 & 0x0F;
            if ((header & 0x04) != 0) { // obu_extension_flag
                at++;
            }
            int end = to;
            if ((header & 0x02) != 0) { // obu_has_size_field
                long size = 0;
                int shift = 0;
                int b = 0x80;
                while (at < to && shift < 7 * MAX_LEB128_BYTES && (b & 0x80) != 0) {
                    b = bytes[at++];
                    size |= (b & 0x7FL) << shift;
                    shift += 7;
                }
                end = (int) Math.min(to, at + size);
            }
            if (at >= to) {
                return JoinDetector.Answer.OPEN;
            }
            int first = end > at ? bytes[at] & 0xFF : 0;
            if (type == OBU_SEQUENCE_HEADER) {
                sequence = true;
                reduced = (first & 0x08) != 0; // seq_profile(3) still_picture(1) reduced(1)
            } else if (type == OBU_FRAME || type == OBU_FRAME_HEADER) {
                // show_existing_frame(1) frame_type(2) show_frame(1)
                boolean key = sequence && (reduced || (first & 0xF0) == 0x10);
                return key ? JoinDetector.Answer.YES : JoinDetector.Answer.NO;
            }
            at = end;
        }
        return JoinDetector.Answer.OPEN;
    }

    /** Whether a frame that starts with this byte is a key frame (VP9 bitstream §6.2). */
    static boolean vp9(int first) {
        if (first >>> 6 != 2) { // frame_marker
            return false;
        }
        // profile_low_bit, profile_high_bit; a reserved_zero follows in profile 3
        int shift = (first & 0x30) == 0x30 ? 2 : 3;
        boolean existing = (first >>> shift & 1) != 0;
        boolean interFrame = (first >>> (shift - 1) & 1) != 0;
        return !existing && !interFrame;
    }
}
