package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;

/**
 * Writes everything of a CMAF fragment but the sample bytes, which follow the header as they are:
 * whoever wrote the samples into media memory already just puts the header before them.
 *
 * <pre>
 * [styp]                     media segment type, when the fragment starts a segment
 * moof
 *   mfhd                     sequence_number
 *   traf
 *     tfhd                   default-base-is-moof, what all samples have in common
 *     tfdt  version 1        baseMediaDecodeTime(64)
 *     trun  version 1        data_offset, then per sample what differs
 * mdat                       header; the samples follow
 * </pre>
 *
 * One track a fragment (ISO/IEC 23000-19 §7.3.2.3). Allocates nothing.
 */
public final class FragmentWriter {
    private static final int TFHD_DURATION = 0x000008;
    private static final int TFHD_SIZE = 0x000010;
    private static final int TFHD_FLAGS = 0x000020;
    private static final int TFHD_BASE_IS_MOOF = 0x020000;

    private static final int TRUN_DATA_OFFSET = 0x000001;
    private static final int TRUN_FIRST_FLAGS = 0x000004;
    private static final int TRUN_DURATION = 0x000100;
    private static final int TRUN_SIZE = 0x000200;
    private static final int TRUN_FLAGS = 0x000400;
    private static final int TRUN_COMPOSITION_OFFSET = 0x000800;

    /** sample_depends_on = 2: on no other (ISO/IEC 14496-12 §8.8.3.1). */
    static final int SYNC_SAMPLE = 0x02000000;

    /** sample_depends_on = 1 and sample_is_non_sync_sample. */
    static final int NON_SYNC_SAMPLE = 0x01010000;

    private static final int STYP_SIZE = 24;
    private static final int MFHD_SIZE = 16;
    private static final int TFDT_SIZE = 20;

    private final int trackId;
    private int tfhdFlags;
    private int trunFlags;
    private int defaultFlags;

    public FragmentWriter(int trackId) {
        this.trackId = trackId;
    }

    /** Bytes that {@link #writeHeader} writes for these samples. */
    public int headerSize(SampleRun run, boolean startsSegment) {
        plan(run);
        return (startsSegment ? STYP_SIZE : 0) + moofSize(run) + BoxWriter.HEADER_SIZE;
    }

    /**
     * Writes the fragment up to and with the header of its mdat; the samples' {@link
     * SampleRun#bytes} must follow.
     *
     * @param out borrowed
     * @param sequence sequence_number of the fragment, its low 32 bits are stored
     * @param baseDecodeTime decoding time of the first sample, in the track's timescale
     * @param run at least one sample
     * @param startsSegment whether to write {@code styp}
     */
    public void writeHeader(
            ByteBuf out, long sequence, long baseDecodeTime, SampleRun run, boolean startsSegment) {
        if (run.isEmpty() || run.bytes() > Integer.MAX_VALUE - BoxWriter.HEADER_SIZE) {
            throw new IllegalArgumentException(
                    run.count() + " samples with " + run.bytes() + " bytes do not make a fragment");
        }
        plan(run);
        if (startsSegment) {
            writeStyp(out);
        }
        int moofSize = moofSize(run);
        int moof = BoxWriter.begin(out, FourCc.MOOF);
        int mfhd = BoxWriter.begin(out, FourCc.MFHD, 0, 0);
        out.writeInt((int) sequence);
        BoxWriter.end(out, mfhd);
        int traf = BoxWriter.begin(out, FourCc.TRAF);
        writeTfhd(out, run);
        int tfdt = BoxWriter.begin(out, FourCc.TFDT, 1, 0);
        out.writeLong(baseDecodeTime);
        BoxWriter.end(out, tfdt);
        writeTrun(out, run, moofSize + BoxWriter.HEADER_SIZE);
        BoxWriter.end(out, traf);
        BoxWriter.end(out, moof);
        out.writeInt((int) run.bytes() + BoxWriter.HEADER_SIZE).writeInt(FourCc.MDAT);
    }

    private static void writeStyp(ByteBuf out) {
        int styp = BoxWriter.begin(out, FourCc.STYP);
        out.writeInt(FourCc.MSDH).writeInt(0).writeInt(FourCc.MSDH).writeInt(FourCc.CMFC);
        BoxWriter.end(out, styp);
    }

    /** Finds what all samples share, to be said once. */
    private void plan(SampleRun run) {
        boolean sameDuration = true;
        boolean sameSize = true;
        boolean sameMark = true;
        boolean anyOffset = false;
        for (int i = 0; i < run.count(); i++) {
            sameDuration &= run.duration(i) == run.duration(0);
            sameSize &= run.size(i) == run.size(0);
            // The first sample may differ: there are flags of its own for it.
            sameMark &= i == 0 || run.isSync(i) == run.isSync(1);
            anyOffset |= run.compositionOffset(i) != 0;
        }
        boolean firstDiffers = sameMark && run.count() > 1 && run.isSync(0) != run.isSync(1);
        boolean common = run.count() > 1 ? run.isSync(1) : run.count() == 1 && run.isSync(0);
        defaultFlags = flagsOf(common);
        tfhdFlags =
                TFHD_BASE_IS_MOOF
                        | (sameDuration ? TFHD_DURATION : 0)
                        | (sameSize ? TFHD_SIZE : 0)
                        | (sameMark ? TFHD_FLAGS : 0);
        trunFlags =
                TRUN_DATA_OFFSET
                        | (firstDiffers ? TRUN_FIRST_FLAGS : 0)
                        | (sameDuration ? 0 : TRUN_DURATION)
                        | (sameSize ? 0 : TRUN_SIZE)
                        | (sameMark ? 0 : TRUN_FLAGS)
                        | (anyOffset ? TRUN_COMPOSITION_OFFSET : 0);
    }

    private static int flagsOf(boolean sync) {
        return sync ? SYNC_SAMPLE : NON_SYNC_SAMPLE;
    }

    private int moofSize(SampleRun run) {
        int tfhd = 16 + Integer.BYTES * Integer.bitCount(tfhdFlags & ~TFHD_BASE_IS_MOOF);
        int trunHead = 20 + ((trunFlags & TRUN_FIRST_FLAGS) != 0 ? Integer.BYTES : 0);
        int perSample = Integer.BYTES * Integer.bitCount(trunFlags & 0xF00);
        return BoxWriter.HEADER_SIZE
                + MFHD_SIZE
                + BoxWriter.HEADER_SIZE
                + tfhd
                + TFDT_SIZE
                + trunHead
                + perSample * run.count();
    }

    private void writeTfhd(ByteBuf out, SampleRun run) {
        int tfhd = BoxWriter.begin(out, FourCc.TFHD, 0, tfhdFlags);
        out.writeInt(trackId);
        if ((tfhdFlags & TFHD_DURATION) != 0) {
            out.writeInt(run.duration(0));
        }
        if ((tfhdFlags & TFHD_SIZE) != 0) {
            out.writeInt(run.size(0));
        }
        if ((tfhdFlags & TFHD_FLAGS) != 0) {
            out.writeInt(defaultFlags);
        }
        BoxWriter.end(out, tfhd);
    }

    private void writeTrun(ByteBuf out, SampleRun run, int dataOffset) {
        int trun = BoxWriter.begin(out, FourCc.TRUN, 1, trunFlags);
        out.writeInt(run.count()).writeInt(dataOffset);
        if ((trunFlags & TRUN_FIRST_FLAGS) != 0) {
            out.writeInt(flagsOf(run.isSync(0)));
        }
        boolean durations = (trunFlags & TRUN_DURATION) != 0;
        boolean sizes = (trunFlags & TRUN_SIZE) != 0;
        boolean flags = (trunFlags & TRUN_FLAGS) != 0;
        boolean offsets = (trunFlags & TRUN_COMPOSITION_OFFSET) != 0;
        for (int i = 0; i < run.count(); i++) {
            if (durations) {
                out.writeInt(run.duration(i));
            }
            if (sizes) {
                out.writeInt(run.size(i));
            }
            if (flags) {
                out.writeInt(flagsOf(run.isSync(i)));
            }
            if (offsets) {
                out.writeInt(run.compositionOffset(i));
            }
        }
        BoxWriter.end(out, trun);
    }
}
