package io.wadi.segment;

/** A packager without a context, for tests of what is made of its segments. */
public final class SinglePackager implements AutoCloseable {
    private final CmafPackager packager;

    public SinglePackager(CmafOptions options) {
        packager = new CmafPackager("demo", options);
    }

    public CmafPackager packager() {
        return packager;
    }

    /** What was collected becomes segments. */
    public void endOfStream() {
        packager.endOfStream();
    }

    @Override
    public void close() {
        packager.retire();
        packager.letGo();
    }
}
