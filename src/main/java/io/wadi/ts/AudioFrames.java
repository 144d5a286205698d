package io.wadi.ts;

import java.util.Arrays;

/**
 * AAC in ADTS, MPEG audio, AC-3 and E-AC-3: frames may start anywhere in a PES packet and span
 * several. The PES packet's PTS is that of the first frame that starts in it (ISO/IEC 13818-1
 * §2.4.3.7); the times of the others are counted in samples from there, so that they do not drift.
 * A frame and the dependent substreams behind it are one access unit.
 */
final class AudioFrames implements UnitSplitter {
    private static final long TICKS = 90_000;

    private final AudioSyntax syntax;
    private final Sink sink;
    private byte[] kept = new byte[4096];
    private int length;
    private boolean synchronised;

    /** Where in {@link #kept} the last PES payload starts, and its PTS. */
    private int timedFrom;

    private long timedPts = Pts33.NO_TIME;

    private long basePts = Pts33.NO_TIME;
    private long samplesSinceBase;
    private int baseRate;

    AudioFrames(AudioSyntax syntax, Sink sink) {
        this.syntax = syntax;
        this.sink = sink;
    }

    @Override
    public void payload(byte[] bytes, int from, int to, long pts, long dts, boolean marked) {
        int added = to - from;
        if (length + added > kept.length) {
            kept = Arrays.copyOf(kept, Math.max(kept.length * 2, length + added));
        }
        System.arraycopy(bytes, from, kept, length, added);
        if (pts != Pts33.NO_TIME) {
            timedFrom = length;
            timedPts = pts;
        }
        length += added;
        int used = split();
        length -= used;
        System.arraycopy(kept, used, kept, 0, length);
        timedFrom = Math.max(0, timedFrom - used);
    }

    /** Emits the whole frames; returns how many bytes are done with. */
    private int split() {
        int at = 0;
        while (length - at >= syntax.headerBytes) {
            int frame = syntax.frameLength(kept, at);
            if (frame == AudioSyntax.INVALID) {
                at = skip(at);
                continue;
            }
            if (length - at < frame) {
                break;
            }
            int samples = syntax.samples;
            int rate = syntax.sampleRate;
            if (!synchronised && !isFollowed(at + frame)) {
                at++;
                continue;
            }
            synchronised = true;
            int end = withDependents(at + frame);
            emit(at, end, samples, rate);
            at = end;
        }
        return at;
    }

    private int skip(int at) {
        if (synchronised) {
            synchronised = false;
            sink.onDamage();
        }
        return at + 1;
    }

    private boolean isFollowed(int end) {
        if (length - end < syntax.headerBytes) {
            return end == length || syntax.maySync(kept, end, length);
        }
        return syntax.frameLength(kept, end) != AudioSyntax.INVALID;
    }

    private int withDependents(int end) {
        int at = end;
        while (syntax.continuesUnit(kept, at, length)) {
            int frame = syntax.frameLength(kept, at);
            if (frame == AudioSyntax.INVALID || length - at < frame) {
                break;
            }
            at += frame;
        }
        return at;
    }

    private void emit(int from, int to, int samples, int rate) {
        if (timedPts != Pts33.NO_TIME && from >= timedFrom) {
            rebase(timedPts, rate);
            timedPts = Pts33.NO_TIME;
        } else if (basePts != Pts33.NO_TIME && rate != baseRate) {
            rebase(basePts + samplesSinceBase * TICKS / baseRate, rate);
        }
        long pts =
                basePts == Pts33.NO_TIME
                        ? Pts33.NO_TIME
                        : basePts + samplesSinceBase * TICKS / baseRate;
        samplesSinceBase += samples;
        sink.onUnit(kept, from, to, pts, pts, true);
    }

    private void rebase(long pts, int rate) {
        basePts = pts;
        baseRate = rate;
        samplesSinceBase = 0;
    }

    @Override
    public void lost() {
        length = 0;
        timedFrom = 0;
        timedPts = Pts33.NO_TIME;
        basePts = Pts33.NO_TIME;
        synchronised = false;
    }
}
