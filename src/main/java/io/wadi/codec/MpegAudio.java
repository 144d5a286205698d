package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/**
 * MPEG-1, MPEG-2 and MPEG-2.5 audio of layers I to III (ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3).
 *
 * <pre>
 * syncword=7FF(11) version(2) layer(2) protection(1) bitrate_index(4) sampling_frequency(2)
 * padding(1) private(1) mode(2) mode_extension(2) copyright(1) original(1) emphasis(2)
 * </pre>
 *
 * <p>The accessors take the index of a frame for which {@link #isFrame} holds; they borrow the
 * buffer and allocate nothing.
 */
public final class MpegAudio {
    public static final int HEADER_SIZE = 4;

    private static final int[] RATES = {44_100, 48_000, 32_000};

    /**
     * kbit/s by bitrate_index: MPEG-1 layers I, II, III, then MPEG-2 layer I and layers II, III.
     */
    private static final int[][] BIT_RATES = {
        {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
        {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
        {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
    };

    private MpegAudio() {}

    /** Whether a whole plausible frame header starts at {@code index}. */
    public static boolean isFrame(ByteBuf buf, int index, int to) {
        if (to - index < HEADER_SIZE) {
            return false;
        }
        int header = buf.getInt(index);
        return header >>> 21 == 0x7FF
                && (header >> 19 & 3) != 1
                && (header >> 17 & 3) != 0
                && (header >> 12 & 15) != 15
                && (header >> 10 & 3) != 3;
    }

    /** 1, 2 or 3. */
    public static int layer(ByteBuf buf, int index) {
        return 4 - (buf.getInt(index) >> 17 & 3);
    }

    public static int sampleRate(ByteBuf buf, int index) {
        int header = buf.getInt(index);
        int shift =
                switch (header >> 19 & 3) {
                    case 3 -> 0; // MPEG-1
                    case 2 -> 1; // MPEG-2
                    default -> 2; // MPEG-2.5
                };
        return RATES[header >> 10 & 3] >> shift;
    }

    public static int channels(ByteBuf buf, int index) {
        return (buf.getInt(index) >> 6 & 3) == 3 ? 1 : 2;
    }

    /** Bits a second, 0 for the free format. */
    public static int bitRate(ByteBuf buf, int index) {
        int layer = layer(buf, index);
        int row = isMpeg1(buf, index) ? layer - 1 : layer == 1 ? 3 : 4;
        return 1000 * BIT_RATES[row][buf.getInt(index) >> 12 & 15];
    }

    /** Samples a channel. */
    public static int samples(ByteBuf buf, int index) {
        return switch (layer(buf, index)) {
            case 1 -> 384;
            case 2 -> 1152;
            default -> isMpeg1(buf, index) ? 1152 : 576;
        };
    }

    /** Bytes of the frame, header included; 0 for the free format, whose length it does not say. */
    public static int frameLength(ByteBuf buf, int index) {
        int slot = layer(buf, index) == 1 ? 4 : 1;
        int padding = buf.getByte(index + 2) >> 1 & 1;
        int slots = samples(buf, index) / (8 * slot) * bitRate(buf, index) / sampleRate(buf, index);
        return slots == 0 ? 0 : (slots + padding) * slot;
    }

    /**
     * The format of one frame. The codecs parameter names the object type indication that the
     * {@code esds} has, 0x6B for MPEG-1 and 0x69 for MPEG-2, which is what browsers know.
     */
    public static AudioFormat format(ByteBuf frame) throws MalformedException {
        int index = frame.readerIndex();
        if (!isFrame(frame, index, frame.writerIndex())) {
            throw new MalformedException(
                    "MPEG audio header", "no sync word or a reserved value", "MPEG audio");
        }
        return new AudioFormat(
                CodecId.MP3,
                sampleRate(frame, index),
                channels(frame, index),
                samples(frame, index),
                CodecConfig.EMPTY,
                isMpeg1(frame, index) ? "mp4a.6B" : "mp4a.69");
    }

    private static boolean isMpeg1(ByteBuf buf, int index) {
        return (buf.getByte(index + 1) >> 3 & 3) == 3;
    }

    static final class Probe extends HeaderProbe {
        @Override
        long key(ByteBuf unit) {
            int index = unit.readerIndex();
            if (!isFrame(unit, index, unit.writerIndex())) {
                return -1;
            }
            // version, layer, rate, and whether it is mono
            return (unit.getInt(index) & 0x1E0C00) | channels(unit, index);
        }

        @Override
        TrackFormat parse(ByteBuf unit) throws MalformedException {
            return MpegAudio.format(unit);
        }
    }
}
