package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.Optional;

/**
 * A probe for H.264 and H.265: collects parameter sets, which may come in different access units,
 * and makes the format of those that the first slice of a picture refers to. Only what comes before
 * that slice is looked at.
 */
abstract class ParameterSetProbe implements FormatProbe {
    private TrackFormat format;
    private boolean changed;

    abstract boolean isSlice(int header);

    /** Whether a new set of sets may become active with this slice. */
    abstract boolean isIdr(int header);

    /**
     * Stores a NAL unit if it is a parameter set.
     *
     * @return whether it is one that was not known
     */
    abstract boolean store(ByteBuf buf, int nal, int length) throws MalformedException;

    /** The format that a slice refers to, null when a set of it is missing. */
    abstract TrackFormat activeFormat(ByteBuf buf, int nal, int length) throws MalformedException;

    @Override
    public final boolean inspect(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        int seen = 0;
        for (int nal = AnnexB.nalStart(accessUnit, accessUnit.readerIndex(), to);
                nal >= 0 && nal < to && seen < Limits.MAX_NAL_UNITS;
                seen++) {
            int header = accessUnit.getByte(nal);
            if (isSlice(header)) {
                return (changed || isIdr(header)) && activate(accessUnit, nal, to);
            }
            int end = AnnexB.nalEnd(accessUnit, nal, to);
            if (end > nal) {
                collect(accessUnit, nal, end - nal);
            }
            nal = AnnexB.nalStart(accessUnit, end, to);
        }
        return false;
    }

    @Override
    public final Optional<TrackFormat> format() {
        return Optional.ofNullable(format);
    }

    private void collect(ByteBuf buf, int nal, int length) {
        try {
            changed |= store(buf, nal, length);
        } catch (MalformedException _) {
            // A damaged set: the one that is known stays until a whole one comes.
        }
    }

    private boolean activate(ByteBuf buf, int nal, int to) {
        TrackFormat active;
        try {
            // The fields that matter are in the first bytes of the slice header.
            active = activeFormat(buf, nal, Math.min(to - nal, 32));
        } catch (MalformedException _) {
            return false;
        }
        if (active == null) {
            return false;
        }
        changed = false;
        if (active.equals(format)) {
            return false;
        }
        format = active;
        return true;
    }
}
