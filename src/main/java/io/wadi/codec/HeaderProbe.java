package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.Optional;

/**
 * A probe for codecs whose access units say all there is to know in a header. The header's fields
 * that matter are compared as one number, so that only a change costs a parse and memory.
 */
abstract class HeaderProbe implements FormatProbe {
    private long known = -1;
    private TrackFormat format;

    /** What decides the format, or -1 when this unit has no (whole) header. */
    abstract long key(ByteBuf unit);

    abstract TrackFormat parse(ByteBuf unit) throws MalformedException;

    @Override
    public final boolean inspect(ByteBuf accessUnit) {
        long key = key(accessUnit);
        if (key < 0 || key == known) {
            return false;
        }
        TrackFormat parsed;
        try {
            parsed = parse(accessUnit);
        } catch (MalformedException _) {
            return false; // a damaged unit: the next one may be whole
        }
        known = key;
        if (parsed.equals(format)) {
            return false;
        }
        format = parsed;
        return true;
    }

    @Override
    public final Optional<TrackFormat> format() {
        return Optional.ofNullable(format);
    }
}
