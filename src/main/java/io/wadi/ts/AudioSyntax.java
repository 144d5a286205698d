package io.wadi.ts;

import io.wadi.codec.CodecId;

/**
 * Reads the header of an audio frame: how long the frame is and how much time it stands for. Keeps
 * what the last header said. One owner thread.
 */
abstract sealed class AudioSyntax {
    static final int INVALID = -1;

    /** Bytes of a frame that must be there to read its length. */
    final int headerBytes;

    int samples;
    int sampleRate;

    private AudioSyntax(int headerBytes) {
        this.headerBytes = headerBytes;
    }

    static AudioSyntax of(CodecId codec) {
        return switch (codec) {
            case AAC -> new Adts();
            case MP3 -> new MpegAudio();
            case AC3, EAC3 -> new DolbyDigital();
            case H264, H265, AV1, VP9, OPUS, FLAC ->
                    throw new IllegalArgumentException(codec + " has no audio sync frames");
        };
    }

    /** The frame's length in bytes, or {@link #INVALID}; {@link #headerBytes} are there. */
    abstract int frameLength(byte[] bytes, int at);

    /** Whether the bytes that are there may be the start of a frame. */
    abstract boolean maySync(byte[] bytes, int at, int to);

    /** Whether the frame at {@code at} belongs to the access unit of the frame before it. */
    boolean continuesUnit(byte[] bytes, int at, int to) {
        return false;
    }

    /** ADTS, ISO/IEC 13818-7 §6.2. */
    private static final class Adts extends AudioSyntax {
        private static final int[] RATES = {
            96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
            8_000, 7_350
        };
        private static final int HEADER = 7;

        Adts() {
            super(HEADER);
        }

        @Override
        int frameLength(byte[] bytes, int at) {
            if (!maySync(bytes, at, at + HEADER)) {
                return INVALID;
            }
            int rate = bytes[at + 2] >>> 2 & 0x0F;
            int length =
                    (bytes[at + 3] & 0x03) << 11
                            | (bytes[at + 4] & 0xFF) << 3
                            | (bytes[at + 5] & 0xFF) >>> 5;
            boolean checked = (bytes[at + 1] & 0x01) == 0; // protection_absent
            if (rate >= RATES.length || length < HEADER + (checked ? 2 : 0)) {
                return INVALID;
            }
            sampleRate = RATES[rate];
            samples = 1024 * ((bytes[at + 6] & 0x03) + 1); // number_of_raw_data_blocks_in_frame
            return length;
        }

        @Override
        boolean maySync(byte[] bytes, int at, int to) {
            // syncword(12) ID(1) layer(2) = 0
            return bytes[at] == (byte) 0xFF && (at + 1 >= to || (bytes[at + 1] & 0xF6) == 0xF0);
        }
    }

    /** MPEG-1 and MPEG-2 audio, ISO/IEC 11172-3 §2.4.1.3, ISO/IEC 13818-3 §2.4.2.3. */
    private static final class MpegAudio extends AudioSyntax {
        private static final int HEADER = 4;
        private static final int[] RATES = {44_100, 48_000, 32_000};

        /** kbit/s by bitrate_index. */
        private static final int[][] BITRATES = {
            {32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}, // MPEG-1 layer I
            {32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}, // MPEG-1 layer II
            {32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}, // MPEG-1 layer III
            {32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}, // MPEG-2 layer I
            {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160} // MPEG-2 layers II, III
        };

        MpegAudio() {
            super(HEADER);
        }

        @Override
        int frameLength(byte[] bytes, int at) {
            int b1 = bytes[at + 1];
            int b2 = bytes[at + 2] & 0xFF;
            int version = b1 >>> 3 & 3; // 0 MPEG-2.5, 2 MPEG-2, 3 MPEG-1
            int layer = 4 - (b1 >>> 1 & 3); // 4 is reserved
            int bitrateIndex = b2 >>> 4;
            int rateIndex = b2 >>> 2 & 3;
            boolean known = version != 1 && layer != 4 && rateIndex != 3;
            if (!maySync(bytes, at, at + HEADER) || !known || bitrateIndex % 15 == 0) {
                return INVALID;
            }
            boolean mpeg1 = version == 3;
            int row = mpeg1 ? layer - 1 : layer == 1 ? 3 : 4;
            int bitrate = BITRATES[row][bitrateIndex - 1] * 1000;
            int padding = b2 >>> 1 & 1;
            sampleRate = RATES[rateIndex] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
            if (layer == 1) {
                samples = 384;
                return (12 * bitrate / sampleRate + padding) * 4;
            }
            samples = layer == 3 && !mpeg1 ? 576 : 1152;
            return samples / 8 * bitrate / sampleRate + padding;
        }

        @Override
        boolean maySync(byte[] bytes, int at, int to) {
            return bytes[at] == (byte) 0xFF && (at + 1 >= to || (bytes[at + 1] & 0xE0) == 0xE0);
        }
    }

    /** AC-3 and E-AC-3, ETSI TS 102 366 §4.4.1 and §E.1.3.1. */
    private static final class DolbyDigital extends AudioSyntax {
        private static final int HEADER = 6;
        private static final int[] RATES = {48_000, 44_100, 32_000};
        private static final int[] BITRATES = {
            32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640
        };
        private static final int[] BLOCKS = {1, 2, 3, 6};
        private static final int BLOCK_SAMPLES = 256;
        private static final int DEPENDENT = 1;

        DolbyDigital() {
            super(HEADER);
        }

        @Override
        int frameLength(byte[] bytes, int at) {
            if (!maySync(bytes, at, at + HEADER)) {
                return INVALID;
            }
            int bsid = bytes[at + 5] >>> 3 & 0x1F;
            if (bsid > 16) {
                return INVALID;
            }
            return bsid > 10 ? enhanced(bytes, at) : plain(bytes, at, bsid);
        }

        private int plain(byte[] bytes, int at, int bsid) {
            int rate = bytes[at + 4] >>> 6 & 3;
            int code = bytes[at + 4] & 0x3F;
            if (rate == 3 || code >= 2 * BITRATES.length) {
                return INVALID;
            }
            int bitrate = BITRATES[code >> 1];
            int words =
                    switch (rate) {
                        case 0 -> bitrate * 2;
                        case 1 -> bitrate * 96_000 / 44_100 + (code & 1);
                        default -> bitrate * 3;
                    };
            sampleRate = RATES[rate] >> Math.max(0, bsid - 8);
            samples = 6 * BLOCK_SAMPLES;
            return words * 2;
        }

        private int enhanced(byte[] bytes, int at) {
            // strmtyp(2) substreamid(3) frmsiz(11) fscod(2) numblkscod(2)
            if ((bytes[at + 2] >>> 6 & 3) == 3) {
                return INVALID;
            }
            int length = (((bytes[at + 2] & 0x07) << 8 | (bytes[at + 3] & 0xFF)) + 1) * 2;
            int rate = bytes[at + 4] >>> 6 & 3;
            int second = bytes[at + 4] >>> 4 & 3;
            if (length < HEADER || (rate == 3 && second == 3)) {
                return INVALID;
            }
            sampleRate = rate == 3 ? RATES[second] / 2 : RATES[rate];
            samples = BLOCK_SAMPLES * (rate == 3 ? 6 : BLOCKS[second]);
            return length;
        }

        @Override
        boolean maySync(byte[] bytes, int at, int to) {
            return bytes[at] == 0x0B && (at + 1 >= to || bytes[at + 1] == 0x77);
        }

        @Override
        boolean continuesUnit(byte[] bytes, int at, int to) {
            return to - at >= HEADER
                    && maySync(bytes, at, to)
                    && (bytes[at + 5] >>> 3 & 0x1F) > 10
                    && (bytes[at + 2] >>> 6 & 3) == DEPENDENT;
        }
    }
}
