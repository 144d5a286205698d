package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * AAC in ADTS frames (ISO/IEC 14496-3 §1.A.2.2).
 *
 * <pre>
 * syncword=FFF(12) ID(1) layer=0(2) protection_absent(1) profile(2) sampling_frequency_index(4)
 * private(1) channel_configuration(3) original(1) home(1) copyright_id(1) copyright_start(1)
 * aac_frame_length(13) buffer_fullness(11) number_of_raw_data_blocks_minus1(2) [crc(16)]
 * </pre>
 *
 * <p>The accessors take the index of a frame for which {@link #isAdts} holds; they borrow the
 * buffer and allocate nothing.
 */
public final class Aac {
    /** Header bytes that {@link AudioSpecificConfig#writeAdtsHeader} writes, without a CRC. */
    public static final int ADTS_HEADER_SIZE = 7;

    /** aac_frame_length has 13 bits. */
    public static final int MAX_ADTS_FRAME_SIZE = 8191;

    static final int SYNTACTIC_ELEMENT_PCE = 5;

    private static final int[] SAMPLE_RATES = {
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
        8_000, 7_350
    };

    private Aac() {}

    /** Whether a whole plausible ADTS header starts at {@code index}. */
    public static boolean isAdts(ByteBuf buf, int index, int to) {
        return to - index >= ADTS_HEADER_SIZE
                && (buf.getUnsignedShort(index) & 0xFFF6) == 0xFFF0
                && rateIndex(buf, index) < SAMPLE_RATES.length
                && frameLength(buf, index) >= headerSize(buf, index);
    }

    /** aac_frame_length: header and payload. */
    public static int frameLength(ByteBuf buf, int index) {
        return (buf.getInt(index + 3) >> 13) & 0x1FFF;
    }

    /** 7 bytes, 9 with a CRC. */
    public static int headerSize(ByteBuf buf, int index) {
        return (buf.getByte(index + 1) & 1) != 0 ? ADTS_HEADER_SIZE : ADTS_HEADER_SIZE + 2;
    }

    public static int sampleRate(ByteBuf buf, int index) {
        return SAMPLE_RATES[rateIndex(buf, index)];
    }

    /** channel_configuration, 0 when a program config element says. */
    public static int channelConfiguration(ByteBuf buf, int index) {
        return buf.getUnsignedShort(index + 2) >> 6 & 7;
    }

    /** Samples a channel: 1024 for each raw data block. */
    public static int samples(ByteBuf buf, int index) {
        return 1024 * (1 + (buf.getByte(index + 6) & 3));
    }

    /**
     * The next ADTS frame that lies whole in {@code from} to {@code to} and, where that can be
     * seen, is followed by another: the way to split a PES payload and to find back after loss.
     *
     * @return its index, or -1
     */
    public static int nextFrame(ByteBuf buf, int from, int to) {
        for (int i = from; i + ADTS_HEADER_SIZE <= to; i++) {
            if (buf.getByte(i) == -1 && isAdts(buf, i, to)) {
                int end = i + frameLength(buf, i);
                if (end == to || (end < to && startsLikeAdts(buf, end, to))) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** The AudioSpecificConfig of an ADTS frame, with its program config element if it has one. */
    public static AudioSpecificConfig audioSpecificConfig(ByteBuf adtsFrame)
            throws MalformedException {
        int index = adtsFrame.readerIndex();
        int to = adtsFrame.writerIndex();
        if (!isAdts(adtsFrame, index, to)) {
            throw new MalformedException("ADTS header", "no sync word or a reserved value", "ADTS");
        }
        int objectType = (adtsFrame.getUnsignedByte(index + 2) >> 6) + 1;
        int channels = channelConfiguration(adtsFrame, index);
        ByteBuf asc = Unpooled.buffer(8);
        BitWriter out = new BitWriter(asc);
        out.bits(5, objectType).bits(4, rateIndex(adtsFrame, index)).bits(4, channels);
        out.bits(3, 0); // frameLengthFlag dependsOnCoreCoder extensionFlag
        if (channels == 0) {
            int payload = index + headerSize(adtsFrame, index);
            BitReader in =
                    BitReader.of(
                            "ADTS raw data block", adtsFrame, payload, Math.max(0, to - payload));
            int element = in.bits(3);
            if (element != SYNTACTIC_ELEMENT_PCE) {
                throw new MalformedException(
                        "ADTS with channel_configuration 0, first element",
                        element,
                        "5, a program config element");
            }
            ProgramConfig.copy(in, out);
        }
        return AudioSpecificConfig.parse(asc);
    }

    /** The format that an AudioSpecificConfig declares, as FLV, RTMP and MP4 carry it. */
    public static AudioFormat format(CodecConfig audioSpecificConfig) throws MalformedException {
        return AudioSpecificConfig.parse(audioSpecificConfig).format();
    }

    /** The rate of a samplingFrequencyIndex, -1 when it is reserved or the escape value. */
    static int rateOf(int index) {
        return index < SAMPLE_RATES.length ? SAMPLE_RATES[index] : -1;
    }

    /** The samplingFrequencyIndex of a rate, -1 when it has none. */
    static int indexOf(int rate) {
        for (int i = 0; i < SAMPLE_RATES.length; i++) {
            if (SAMPLE_RATES[i] == rate) {
                return i;
            }
        }
        return -1;
    }

    private static int rateIndex(ByteBuf buf, int index) {
        return buf.getByte(index + 2) >> 2 & 0xF;
    }

    private static boolean startsLikeAdts(ByteBuf buf, int index, int to) {
        return to - index < 2
                ? buf.getByte(index) == -1
                : (buf.getUnsignedShort(index) & 0xFFF6) == 0xFFF0;
    }

    /** One ADTS frame an access unit; only a change of the fixed header is looked into. */
    static final class Probe extends HeaderProbe {
        @Override
        long key(ByteBuf unit) {
            int index = unit.readerIndex();
            // profile, rate index, channel_configuration; not private_bit
            return isAdts(unit, index, unit.writerIndex())
                    ? unit.getUnsignedShort(index + 2) & 0xFDC0
                    : -1;
        }

        @Override
        TrackFormat parse(ByteBuf unit) throws MalformedException {
            return audioSpecificConfig(unit).format();
        }
    }
}
