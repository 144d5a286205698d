package io.wadi.ffmpeg;

import java.util.Set;

/**
 * What the FFmpeg at hand can do, as it says itself.
 *
 * @param version as it prints it
 * @param major 0 for a build of no release, which is taken for a new one
 */
public record FfmpegBuild(
        String path,
        String version,
        int major,
        int minor,
        Set<String> encoders,
        Set<String> muxers,
        Set<String> filters,
        Set<String> hwaccels) {
    private static final int MAJOR_OF_FPS_MODE = 5;
    private static final int MAJOR_OF_SVT_KEYS = 7;

    public FfmpegBuild {
        encoders = Set.copyOf(encoders);
        muxers = Set.copyOf(muxers);
        filters = Set.copyOf(filters);
        hwaccels = Set.copyOf(hwaccels);
    }

    private boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major == 0 || major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    /**
     * Whether an encoder does what a ladder needs. SVT-AV1 could not be told where key pictures are
     * to be, not without delay, in what came with older releases (1.4 with 5.1).
     */
    boolean canUse(String encoder) {
        boolean tooOld = encoder.equals("libsvtav1") && !isAtLeast(MAJOR_OF_SVT_KEYS, 0);
        return encoders.contains(encoder) && !tooOld;
    }

    /** {@code -fps_mode} came with 5.1, {@code -vsync} goes away later. */
    boolean hasFpsMode() {
        return isAtLeast(MAJOR_OF_FPS_MODE, 1);
    }
}
