package io.wadi.codec;

/** program_config_element() of AAC (ISO/IEC 14496-3 §4.4.1.1). */
final class ProgramConfig {
    private ProgramConfig() {}

    /**
     * Copies one element, aligned anew to the bytes of {@code out}: byte_alignment() counts from
     * the start of what holds the element.
     *
     * @return number of channels
     */
    static int copy(BitReader in, BitWriter out) throws MalformedException {
        copy(in, out, 10); // element_instance_tag(4) object_type(2) sampling_frequency_index(4)
        int front = copy(in, out, 4);
        int side = copy(in, out, 4);
        int back = copy(in, out, 4);
        int lfe = copy(in, out, 2);
        int associated = copy(in, out, 3);
        int coupling = copy(in, out, 4);
        for (int bits : new int[] {4, 4, 3}) { // mono, stereo, matrix mixdown
            if (copy(in, out, 1) != 0) {
                copy(in, out, bits);
            }
        }
        int channels = lfe;
        for (int i = 0; i < front + side + back; i++) {
            channels += 1 + copy(in, out, 1); // is_cpe
            copy(in, out, 4);
        }
        for (int i = 0; i < lfe + associated; i++) {
            copy(in, out, 4);
        }
        for (int i = 0; i < coupling; i++) {
            copy(in, out, 5);
        }
        in.align();
        out.align();
        int comment = copy(in, out, 8);
        for (int i = 0; i < comment; i++) {
            copy(in, out, 8);
        }
        if (channels == 0) {
            throw new MalformedException("AAC program config element", "no channel", "one or more");
        }
        return channels;
    }

    private static int copy(BitReader in, BitWriter out, int bits) throws MalformedException {
        int value = in.bits(bits);
        out.bits(bits, value);
        return value;
    }
}
