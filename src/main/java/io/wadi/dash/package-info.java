/**
 * The {@code dash:} component: a dynamic MPD over the CMAF segments that {@code io.wadi.segment}
 * makes, with one Period for each run of continuous media time.
 *
 * <p>Specs: ISO/IEC 23009-1:2022 (MPD, isoff-live profile), DASH-IF IOP 4.3 (live, UTCTiming).
 */
package io.wadi.dash;
