package io.wadi.ts;

/** The CRC of PSI sections (ISO/IEC 13818-1 Annex A): polynomial 0x04C11DB7, not reflected. */
final class Crc32Mpeg {
    private static final int POLYNOMIAL = 0x04C1_1DB7;
    private static final int[] TABLE = table();

    private Crc32Mpeg() {}

    /** 0 when the range ends with its own right CRC. */
    static int of(byte[] bytes, int from, int to) {
        int crc = -1;
        for (int i = from; i < to; i++) {
            crc = crc << 8 ^ TABLE[crc >>> 24 ^ (bytes[i] & 0xFF)];
        }
        return crc;
    }

    private static int[] table() {
        int[] table = new int[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 24;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc << 1 ^ (crc < 0 ? POLYNOMIAL : 0);
            }
            table[i] = crc;
        }
        return table;
    }
}
