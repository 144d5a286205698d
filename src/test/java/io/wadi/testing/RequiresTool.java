package io.wadi.testing;

import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Needs programs on the PATH. Without one the test is skipped with a line that says what to
 * install; where {@code WADI_CI=true} it fails instead. A test that needs no more than {@code
 * ffmpeg} itself does not need this: {@link Tools#ffmpeg()} is always there.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(RequiresToolCondition.class)
public @interface RequiresTool {
    String[] value();
}
