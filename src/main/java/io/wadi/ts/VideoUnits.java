package io.wadi.ts;

import io.wadi.codec.AnnexB;
import io.wadi.codec.CodecId;

/**
 * H.264 and H.265: one access unit for a PES packet as a rule; several are told apart by their
 * delimiters, parameter sets and first slices. The PES packet's time is that of the first; the
 * others follow at the distance that the times so far suggest.
 */
final class VideoUnits implements UnitSplitter {
    /** 25 pictures a second, until two PES packets told better. */
    private static final long DEFAULT_DURATION = 3600;

    /** A longer time between two pictures (a second) says nothing about their rate. */
    private static final long MAX_DURATION = 90_000;

    private final CodecId codec;
    private final Sink sink;
    private long lastDts = Pts33.NO_TIME;
    private long lastPts = Pts33.NO_TIME;
    private long payloadDts = Pts33.NO_TIME;
    private int payloadUnits;
    private long duration = DEFAULT_DURATION;

    VideoUnits(CodecId codec, Sink sink) {
        this.codec = codec;
        this.sink = sink;
    }

    @Override
    public void payload(byte[] bytes, int from, int to, long pts, long dts, boolean marked) {
        long unitPts = pts;
        long unitDts = dts;
        if (pts == Pts33.NO_TIME) {
            unitPts = lastPts == Pts33.NO_TIME ? Pts33.NO_TIME : lastPts + duration;
            unitDts = lastDts == Pts33.NO_TIME ? Pts33.NO_TIME : lastDts + duration;
        } else {
            learn(dts);
        }
        int unitStart = from;
        int kinds = 0;
        boolean slice = false;
        int units = 0;
        int at = nextStartCode(bytes, from, to);
        while (at < to) {
            NalKind kind = NalKind.at(codec, bytes, at, to);
            if (slice && kind.beginsAfterSlice()) {
                int start = at > from && bytes[at - 1] == 0 ? at - 1 : at; // zero_byte
                emit(bytes, unitStart, start, unitPts, unitDts, units, kinds, marked);
                units++;
                unitStart = start;
                kinds = 0;
                slice = false;
            }
            kinds |= kind.bit();
            slice |= kind.isSlice();
            at = nextStartCode(bytes, at + 3, to);
        }
        emit(bytes, unitStart, to, unitPts, unitDts, units, kinds, marked);
        payloadUnits = pts == Pts33.NO_TIME ? payloadUnits + units + 1 : units + 1;
    }

    /** The next start code, or {@code to} when there is none. */
    private static int nextStartCode(byte[] bytes, int from, int to) {
        int at = AnnexB.startCode(bytes, from, to);
        return at < 0 ? to : at;
    }

    private void emit(
            byte[] bytes,
            int from,
            int to,
            long firstPts,
            long firstDts,
            int index,
            int kinds,
            boolean marked) {
        boolean randomAccess = NalKind.isRandomAccess(kinds, marked && index == 0);
        if (firstPts == Pts33.NO_TIME) {
            sink.onUnit(bytes, from, to, Pts33.NO_TIME, Pts33.NO_TIME, randomAccess);
            return;
        }
        lastPts = firstPts + index * duration;
        lastDts = firstDts + index * duration;
        sink.onUnit(bytes, from, to, lastPts, lastDts, randomAccess);
    }

    private void learn(long dts) {
        long elapsed = dts - payloadDts;
        if (payloadDts != Pts33.NO_TIME && payloadUnits > 0 && elapsed > 0) {
            long each = elapsed / payloadUnits;
            if (each > 0 && each <= MAX_DURATION) {
                duration = each;
            }
        }
        payloadDts = dts;
    }

    @Override
    public void lost() {
        payloadDts = Pts33.NO_TIME;
    }
}
