package io.wadi.app;

import java.lang.reflect.Field;

/**
 * Netty 4.1 takes its off-heap memory through {@code sun.misc.Unsafe}, of which JDK 24 and later
 * warn once on the console (JEP 498). The switch for it, {@code
 * --sun-misc-unsafe-memory-access=allow}, can be given on a command line only, not in a jar's
 * manifest, and {@code java -jar wadi.jar} should need no switches. So the JDK is told that it has
 * warned already. Where that is no longer possible nothing happens but that the warning is seen.
 * Netty's alternative without Unsafe is slower, and Netty 4.2 does without; see
 * docs/ARCHITECTURE.md.
 */
final class UnsafeWarning {
    private UnsafeWarning() {}

    /** To be called before the first class of Netty's is loaded. */
    static void mute() {
        try {
            Class<?> unsafe = Class.forName("sun.misc.Unsafe");
            Field warned = unsafe.getDeclaredField("memoryAccessWarned");
            warned.setAccessible(true);
            warned.setBoolean(null, true);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Another JDK: it warns, or has nothing to warn of.
        }
    }
}
