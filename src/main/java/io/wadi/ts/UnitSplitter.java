package io.wadi.ts;

/** Makes access units in elementary form of the payloads of one track's PES packets. */
interface UnitSplitter {
    /** Takes the access units of a track. */
    interface Sink {
        /** The range is borrowed for the call. */
        void onUnit(byte[] bytes, int from, int to, long pts, long dts, boolean randomAccess);

        /** Bytes that made no access unit were dropped. */
        void onDamage();
    }

    /**
     * Takes the payload of one PES packet.
     *
     * @param bytes borrowed for the call
     * @param pts unwrapped, or {@link Pts33#NO_TIME}
     * @param dts unwrapped, equal to {@code pts} when the PES packet has only that
     * @param marked random_access_indicator of its first packet
     */
    void payload(byte[] bytes, int from, int to, long pts, long dts, boolean marked);

    /** Something was lost before the next payload: what is kept over is of no use. */
    void lost();
}
