package io.wadi.fmp4;

import java.util.Arrays;

/**
 * The samples of a fragment to be: durations, sizes, sync marks and composition offsets in plain
 * arrays that grow to the longest fragment and are then used again. One thread.
 */
public final class SampleRun {
    /**
     * Samples in one fragment: a minute of 240 pictures a second. More is a source that never gives
     * a random access point.
     */
    public static final int MAX_SAMPLES = 16_384;

    private static final int FIRST_CAPACITY = 64;
    private static final int SYNC = 1;

    private int[] durations = new int[FIRST_CAPACITY];
    private int[] sizes = new int[FIRST_CAPACITY];
    private int[] offsets = new int[FIRST_CAPACITY];
    private byte[] marks = new byte[FIRST_CAPACITY];
    private int count;
    private long duration;
    private long bytes;

    /**
     * Appends a sample.
     *
     * @param duration in ticks of the track's timescale
     * @param size in bytes
     * @param sync whether decoding can start here
     * @param compositionOffset presentation minus decoding time; may be negative
     * @throws IllegalStateException when {@link #isFull()}
     */
    public void add(int duration, int size, boolean sync, int compositionOffset) {
        if (isFull()) {
            throw new IllegalStateException("more than " + MAX_SAMPLES + " samples in a fragment");
        }
        if (count == sizes.length) {
            grow();
        }
        durations[count] = duration;
        sizes[count] = size;
        offsets[count] = compositionOffset;
        marks[count] = (byte) (sync ? SYNC : 0);
        count++;
        this.duration += duration;
        bytes += size;
    }

    private void grow() {
        int capacity = sizes.length * 2;
        durations = Arrays.copyOf(durations, capacity);
        sizes = Arrays.copyOf(sizes, capacity);
        offsets = Arrays.copyOf(offsets, capacity);
        marks = Arrays.copyOf(marks, capacity);
    }

    public boolean isFull() {
        return count == MAX_SAMPLES;
    }

    public boolean isEmpty() {
        return count == 0;
    }

    public int count() {
        return count;
    }

    /** Of all samples together. */
    public long duration() {
        return duration;
    }

    /** Of all samples together. */
    public long bytes() {
        return bytes;
    }

    public int duration(int sample) {
        return durations[checked(sample)];
    }

    public int size(int sample) {
        return sizes[checked(sample)];
    }

    public boolean isSync(int sample) {
        return marks[checked(sample)] == SYNC;
    }

    public int compositionOffset(int sample) {
        return offsets[checked(sample)];
    }

    private int checked(int sample) {
        if (sample < 0 || sample >= count) {
            throw new IndexOutOfBoundsException("sample " + sample + " of " + count);
        }
        return sample;
    }

    /** Changes the duration of a sample that was added already. */
    public void setDuration(int sample, int newDuration) {
        duration += newDuration - durations[checked(sample)];
        durations[sample] = newDuration;
    }

    /** Moves the first {@code samples} to {@code into}, which is cleared before. */
    public void moveFirst(int samples, SampleRun into) {
        into.clear();
        for (int i = 0; i < samples; i++) {
            into.add(duration(i), sizes[i], isSync(i), offsets[i]);
        }
        int rest = count - samples;
        System.arraycopy(durations, samples, durations, 0, rest);
        System.arraycopy(sizes, samples, sizes, 0, rest);
        System.arraycopy(offsets, samples, offsets, 0, rest);
        System.arraycopy(marks, samples, marks, 0, rest);
        count = rest;
        duration -= into.duration;
        bytes -= into.bytes;
    }

    public void clear() {
        count = 0;
        duration = 0;
        bytes = 0;
    }
}
