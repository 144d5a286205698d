package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * AC-3 and E-AC-3 sync frames and their {@code dac3} and {@code dec3} records (ETSI TS 102 366
 * §4.3, §E.1.2, §F.4, §F.6).
 *
 * <pre>
 * AC-3:   0B77(16) crc1(16) fscod(2) frmsizecod(6) bsid(5) bsmod(3) acmod(3) ... lfeon(1)
 * E-AC-3: 0B77(16) strmtyp(2) substreamid(3) frmsiz(11) fscod(2) numblkscod(2) acmod(3) lfeon(1)
 *         bsid(5) ...
 * </pre>
 */
public final class Ac3 {
    private static final int SYNC_WORD = 0x0B77;

    /** Sync word to bsid: both syntaxes have it in the sixth byte. */
    private static final int HEADER_SIZE = 7;

    private static final int BLOCK_SAMPLES = 256;
    private static final int[] RATES = {48_000, 44_100, 32_000};
    private static final int[] BIT_RATES = {
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640
    };
    private static final int[] ACMOD_CHANNELS = {2, 1, 2, 3, 3, 4, 4, 5};
    private static final int[] BLOCKS = {1, 2, 3, 6};

    private Ac3() {}

    /** Whether a whole plausible sync frame header of either kind starts at {@code index}. */
    public static boolean isFrame(ByteBuf buf, int index, int to) {
        return frameSize(buf, index, to) > 0;
    }

    /** bsid 11 to 16 is E-AC-3, which shares the sync word. */
    public static boolean isEac3(ByteBuf buf, int index) {
        return bsid(buf, index) > 10;
    }

    /** Bytes of the sync frame at {@code index}, -1 when there is none. Borrows. */
    public static int frameSize(ByteBuf buf, int index, int to) {
        if (to - index < HEADER_SIZE || buf.getUnsignedShort(index) != SYNC_WORD) {
            return -1;
        }
        int bsid = bsid(buf, index);
        int code = buf.getUnsignedByte(index + 4);
        if (bsid > 16) {
            return -1;
        }
        if (bsid > 10) {
            int size = 2 * (1 + (buf.getUnsignedShort(index + 2) & 0x7FF));
            boolean reserved = buf.getUnsignedByte(index + 2) >> 6 == 3 || code >> 4 == 15;
            return size < HEADER_SIZE || reserved ? -1 : size;
        }
        int rate = code >> 6;
        int sizeCode = code & 0x3F;
        if (rate == 3 || sizeCode >> 1 >= BIT_RATES.length) {
            return -1;
        }
        int kbps = BIT_RATES[sizeCode >> 1];
        return switch (rate) { // Table 4.13, in 16-bit words
            case 0 -> 2 * (2 * kbps);
            case 1 -> 2 * (320 * kbps / 147 + (sizeCode & 1));
            default -> 2 * (3 * kbps);
        };
    }

    /** Sample rate of the frame at {@code index}, for which {@link #isFrame} holds. */
    public static int sampleRate(ByteBuf buf, int index) {
        int code = buf.getUnsignedByte(index + 4);
        if (isEac3(buf, index)) {
            return code >> 6 == 3 ? RATES[code >> 4 & 3] / 2 : RATES[code >> 6];
        }
        return RATES[code >> 6] >> Math.max(0, bsid(buf, index) - 8);
    }

    /** Samples a channel of the frame at {@code index}, for which {@link #isFrame} holds. */
    public static int samples(ByteBuf buf, int index) {
        int code = buf.getUnsignedByte(index + 4);
        boolean six = !isEac3(buf, index) || code >> 6 == 3;
        return BLOCK_SAMPLES * (six ? 6 : BLOCKS[code >> 4 & 3]);
    }

    /** The format of one access unit: an AC-3 frame, or E-AC-3 with its dependent substreams. */
    public static AudioFormat format(ByteBuf unit) throws MalformedException {
        int index = unit.readerIndex();
        if (!isFrame(unit, index, unit.writerIndex())) {
            throw new MalformedException(
                    "AC-3 sync frame", "no sync word or a reserved value", "AC-3 or E-AC-3");
        }
        return isEac3(unit, index) ? new Eac3(unit).format() : ac3(unit, index);
    }

    /** The format that a {@code dac3} body declares. */
    public static AudioFormat formatOfDac3(CodecConfig dac3) throws MalformedException {
        Limits.checkSize("dac3", dac3.length(), 3, 16);
        BitReader in = BitReader.of("dac3", Unpooled.wrappedBuffer(dac3.toArray()));
        int rate = rate("dac3", in.bits(2));
        int halvings = Math.max(0, in.bits(5) - 8);
        in.skip(3); // bsmod
        int channels = ACMOD_CHANNELS[in.bits(3)] + in.bits(1);
        return new AudioFormat(
                CodecId.AC3, rate >> Math.min(halvings, 2), channels, 1536, dac3, "ac-3");
    }

    /** The format that a {@code dec3} body declares; its frames are taken to have six blocks. */
    public static AudioFormat formatOfDec3(CodecConfig dec3) throws MalformedException {
        Limits.checkSize("dec3", dec3.length(), 5, 128);
        BitReader in = BitReader.of("dec3", Unpooled.wrappedBuffer(dec3.toArray()));
        in.skip(16); // data_rate(13) num_ind_sub(3): the first is the programme
        int rate = rate("dec3", in.bits(2));
        in.skip(10); // bsid(5) reserved(1) asvc(1) bsmod(3)
        int channels = ACMOD_CHANNELS[in.bits(3)] + in.bits(1);
        in.skip(3);
        if (in.bits(4) > 0) {
            channels += Eac3.extraChannels(in.bits(9));
        }
        return new AudioFormat(CodecId.EAC3, rate, channels, 1536, dec3, "ec-3");
    }

    static int bsid(ByteBuf buf, int index) {
        return buf.getUnsignedByte(index + 5) >> 3;
    }

    static int channels(int acmod, int lfeon) {
        return ACMOD_CHANNELS[acmod] + lfeon;
    }

    private static int rate(String what, int fscod) throws MalformedException {
        if (fscod >= RATES.length) {
            throw new MalformedException(what + " fscod", fscod, "0 to 2");
        }
        return RATES[fscod];
    }

    private static AudioFormat ac3(ByteBuf unit, int index) throws MalformedException {
        BitReader in = BitReader.of("AC-3", unit, index + 4, unit.writerIndex() - index - 4);
        int fscod = in.bits(2);
        int sizeCode = in.bits(6);
        int bsid = in.bits(5);
        int bsmod = in.bits(3);
        int acmod = in.bits(3);
        if ((acmod & 1) != 0 && acmod != 1) {
            in.skip(2); // cmixlev
        }
        if ((acmod & 4) != 0) {
            in.skip(2); // surmixlev
        }
        if (acmod == 2) {
            in.skip(2); // dsurmod
        }
        int lfeon = in.bits(1);
        ByteBuf out = Unpooled.buffer(3);
        new BitWriter(out)
                .bits(2, fscod)
                .bits(5, bsid)
                .bits(3, bsmod)
                .bits(3, acmod)
                .bits(1, lfeon)
                .bits(5, sizeCode >> 1)
                .align();
        return new AudioFormat(
                CodecId.AC3,
                sampleRate(unit, index),
                channels(acmod, lfeon),
                samples(unit, index),
                CodecConfig.copyOf(out),
                "ac-3");
    }

    /** Of either kind; a change of the bit rate within E-AC-3 is no change of format. */
    static final class Probe extends HeaderProbe {
        private final CodecId codec;

        Probe(CodecId codec) {
            this.codec = codec;
        }

        @Override
        long key(ByteBuf unit) {
            int index = unit.readerIndex();
            int to = unit.writerIndex();
            if (!isFrame(unit, index, to) || isEac3(unit, index) != (codec == CodecId.EAC3)) {
                return -1;
            }
            if (codec == CodecId.AC3) {
                // fscod, frmsizecod less its padding bit; bsid, bsmod; acmod to lfeon
                return unit.getUnsignedMedium(index + 4) & 0xFEFFFF;
            }
            long key = 0;
            for (int size; (size = frameSize(unit, index, to)) > 0; index += size) {
                int type = unit.getUnsignedByte(index + 2) >> 3;
                int fields = unit.getUnsignedByte(index + 4) << 5 | bsid(unit, index);
                key = 31 * key + (type << 13 | fields);
            }
            return key & Long.MAX_VALUE;
        }

        @Override
        TrackFormat parse(ByteBuf unit) throws MalformedException {
            return Ac3.format(unit);
        }
    }
}
