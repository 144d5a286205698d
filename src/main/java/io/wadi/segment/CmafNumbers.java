package io.wadi.segment;

/** Where the segment numbers of a packager's tracks come from. */
interface CmafNumbers {
    /** Numbers from 0, kept nowhere. */
    CmafNumbers NOT_KEPT =
            new CmafNumbers() {
                @Override
                public long first(String track) {
                    return 0;
                }

                @Override
                public void used(String track, long number) {}
            };

    /** The number of the track's first segment: above every one that was ever used. */
    long first(String track);

    /** A segment got this number. Called on the writer's thread, must not block. */
    void used(String track, long number);
}
