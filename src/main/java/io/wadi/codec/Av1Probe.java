package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.Optional;

/** Finds the format of an AV1 track; a sequence header that is known costs a comparison. */
final class Av1Probe implements FormatProbe {
    private NalUnit known;
    private TrackFormat format;

    @Override
    public boolean inspect(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        int obu = Av1.sequenceHeader(accessUnit, accessUnit.readerIndex(), to);
        if (obu < 0) {
            return false;
        }
        int length = Av1.obuEnd(accessUnit, obu, to) - obu;
        if (length > Limits.MAX_PARAMETER_SET_SIZE
                || (known != null && known.sameAs(accessUnit, obu, length))) {
            return false;
        }
        TrackFormat parsed;
        try {
            parsed = Av1.formatOfTemporalUnit(accessUnit);
        } catch (MalformedException _) {
            return false; // a damaged header: the next one may be whole
        }
        known = NalUnit.copyOf(accessUnit, obu, length);
        if (parsed.equals(format)) {
            return false;
        }
        format = parsed;
        return true;
    }

    @Override
    public Optional<TrackFormat> format() {
        return Optional.ofNullable(format);
    }
}
