package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads movie fragments, ours and others'. Checks that every sample lies inside the buffer. Borrows
 * the buffer, reads by absolute index.
 */
public final class FragmentReader {
    /** Fragments in one segment: low latency packagers write one a picture. */
    public static final int MAX_FRAGMENTS = 4096;

    /**
     * Samples in one segment, all fragments together: a sample that has all its fields from the
     * defaults takes no bytes of the file, but memory here.
     */
    public static final int MAX_SAMPLES = 1 << 18;

    private static final int TFHD_BASE_DATA_OFFSET = 0x000001;
    private static final int TFHD_DESCRIPTION_INDEX = 0x000002;
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

    /** sample_is_non_sync_sample (ISO/IEC 14496-12 §8.8.3.1). */
    private static final int NON_SYNC = 0x00010000;

    private final ByteBuf buf;
    private final List<TrackHeader> tracks;
    private final List<Fragment> fragments = new ArrayList<>();

    private int moofStart;
    private long sequence;
    private int trackId;
    private int defaultDuration;
    private int defaultSize;
    private int defaultFlags;
    private long baseDecodeTime;
    private long decodeTime;
    private long nextData;
    private int sampleCount;
    private List<Fragment.Sample> samples = new ArrayList<>();

    private FragmentReader(ByteBuf buf, List<TrackHeader> tracks) {
        this.buf = buf;
        this.tracks = tracks;
    }

    /**
     * The fragments in the readable bytes, one per {@code traf}.
     *
     * @param tracks of the init segment, for its defaults; may be empty when the fragments need
     *     none
     */
    public static List<Fragment> read(ByteBuf buf, List<TrackHeader> tracks)
            throws MalformedException {
        FragmentReader reader = new FragmentReader(buf, tracks);
        BoxReader boxes = new BoxReader(buf);
        while (boxes.next()) {
            if (boxes.type() == FourCc.MOOF) {
                reader.readMoof(boxes);
            }
        }
        return List.copyOf(reader.fragments);
    }

    private void readMoof(BoxReader moof) throws MalformedException {
        moofStart = moof.start();
        nextData = moofStart;
        sequence = 0;
        BoxReader boxes = moof.children(0);
        while (boxes.next()) {
            if (boxes.type() == FourCc.MFHD) {
                sequence = buf.getUnsignedInt(boxes.require(8) + 4);
            } else if (boxes.type() == FourCc.TRAF) {
                if (fragments.size() == MAX_FRAGMENTS) {
                    throw new MalformedException(
                            "track fragments", MAX_FRAGMENTS + 1, "at most " + MAX_FRAGMENTS);
                }
                readTraf(boxes.children(0));
            }
        }
    }

    private void readTraf(BoxReader boxes) throws MalformedException {
        trackId = 0;
        baseDecodeTime = 0;
        decodeTime = 0;
        samples = new ArrayList<>();
        while (boxes.next()) {
            if (boxes.type() == FourCc.TFHD) {
                readTfhd(boxes);
            } else if (boxes.type() == FourCc.TFDT) {
                baseDecodeTime =
                        boxes.version() == 1
                                ? buf.getLong(boxes.require(12) + 4)
                                : buf.getUnsignedInt(boxes.require(8) + 4);
                decodeTime = baseDecodeTime;
            } else if (boxes.type() == FourCc.TRUN) {
                readTrun(boxes);
            }
        }
        if (trackId == 0) {
            throw new MalformedException("traf", "no tfhd", "one tfhd with a track_ID");
        }
        fragments.add(new Fragment(sequence, trackId, baseDecodeTime, samples));
    }

    private void readTfhd(BoxReader box) throws MalformedException {
        int flags = box.flags();
        int index = box.require(8) + 4;
        trackId = buf.getInt(index);
        index += 4;
        takeDefaults();
        boolean explicitBase = (flags & TFHD_BASE_DATA_OFFSET) != 0;
        box.require(
                8
                        + (explicitBase ? 8 : 0)
                        + 4
                                * Integer.bitCount(
                                        flags
                                                & (TFHD_DESCRIPTION_INDEX
                                                        | TFHD_DURATION
                                                        | TFHD_SIZE
                                                        | TFHD_FLAGS)));
        if (explicitBase && (flags & TFHD_BASE_IS_MOOF) == 0) {
            throw new MalformedException(
                    "tfhd flags", flags, "default-base-is-moof (a segment has no file offsets)");
        }
        index += explicitBase ? 8 : 0;
        index += (flags & TFHD_DESCRIPTION_INDEX) != 0 ? 4 : 0;
        if ((flags & TFHD_DURATION) != 0) {
            defaultDuration = buf.getInt(index);
            index += 4;
        }
        if ((flags & TFHD_SIZE) != 0) {
            defaultSize = buf.getInt(index);
            index += 4;
        }
        if ((flags & TFHD_FLAGS) != 0) {
            defaultFlags = buf.getInt(index);
        }
    }

    private void takeDefaults() {
        defaultDuration = 0;
        defaultSize = 0;
        defaultFlags = 0;
        for (TrackHeader track : tracks) {
            if (track.id() == trackId) {
                defaultDuration = track.defaultDuration();
                defaultSize = track.defaultSize();
                defaultFlags = track.defaultFlags();
            }
        }
    }

    private void readTrun(BoxReader box) throws MalformedException {
        int flags = box.flags();
        int version = box.version();
        int index = box.require(8) + 8;
        long count = buf.getUnsignedInt(index - 4);
        int head =
                8
                        + ((flags & TRUN_DATA_OFFSET) != 0 ? 4 : 0)
                        + ((flags & TRUN_FIRST_FLAGS) != 0 ? 4 : 0);
        int perSample = 4 * Integer.bitCount(flags & 0xF00);
        if (count > SampleRun.MAX_SAMPLES - samples.size()) {
            throw new MalformedException(
                    "trun sample_count", count, "at most " + SampleRun.MAX_SAMPLES + " in a traf");
        }
        sampleCount += (int) count;
        if (sampleCount > MAX_SAMPLES) {
            throw new MalformedException(
                    "samples of all fragments", sampleCount, "at most " + MAX_SAMPLES);
        }
        box.require(head + perSample * (int) count);
        if ((flags & TRUN_DATA_OFFSET) != 0) {
            nextData = (long) moofStart + buf.getInt(index);
            index += 4;
        }
        int firstFlags = defaultFlags;
        boolean hasFirstFlags = (flags & TRUN_FIRST_FLAGS) != 0;
        if (hasFirstFlags) {
            firstFlags = buf.getInt(index);
            index += 4;
        }
        for (int i = 0; i < count; i++) {
            readSample(index, flags, version, i == 0 && hasFirstFlags ? firstFlags : defaultFlags);
            index += perSample;
        }
    }

    private void readSample(int at, int trunFlags, int version, int otherwise)
            throws MalformedException {
        int index = at;
        long duration = defaultDuration & 0xFFFFFFFFL;
        long size = defaultSize & 0xFFFFFFFFL;
        int flags = otherwise;
        int offset = 0;
        if ((trunFlags & TRUN_DURATION) != 0) {
            duration = buf.getUnsignedInt(index);
            index += 4;
        }
        if ((trunFlags & TRUN_SIZE) != 0) {
            size = buf.getUnsignedInt(index);
            index += 4;
        }
        if ((trunFlags & TRUN_FLAGS) != 0) {
            flags = buf.getInt(index);
            index += 4;
        }
        if ((trunFlags & TRUN_COMPOSITION_OFFSET) != 0) {
            offset = buf.getInt(index);
            if (version == 0 && offset < 0) {
                throw new MalformedException(
                        "trun composition offset", offset & 0xFFFFFFFFL, "below 2147483648");
            }
        }
        if (nextData < buf.readerIndex() || nextData + size > buf.writerIndex()) {
            throw new MalformedException(
                    "sample " + samples.size() + " of track " + trackId,
                    "bytes " + nextData + " to " + (nextData + size),
                    "inside " + buf.readerIndex() + " to " + buf.writerIndex());
        }
        samples.add(
                new Fragment.Sample(
                        decodeTime,
                        duration,
                        offset,
                        (flags & NON_SYNC) == 0,
                        (int) nextData,
                        (int) size));
        nextData += size;
        decodeTime += duration;
    }
}
