package io.wadi.ffmpeg;

/** FFmpeg's picture generators; the first two draw a running clock themselves, without fonts. */
public enum TestPattern {
    testsrc("testsrc"),
    testsrc2("testsrc2"),
    smptebars("smptehdbars");

    private final String filter;

    TestPattern(String filter) {
        this.filter = filter;
    }

    /** Name of the filter in FFmpeg. */
    String filter() {
        return filter;
    }
}
