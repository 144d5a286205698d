/**
 * Fragmented MP4: init segments, fragments written with one copy of each sample, bounded readers of
 * whole files and of streams.
 *
 * <p>Specs: ISO/IEC 14496-12:2022 (boxes), 14496-14 ({@code mp4a}), 14496-15:2022 ({@code avc1},
 * {@code hvc1}), 23000-19:2020 (CMAF), AV1 in ISOBMFF 1.2, VP in ISOBMFF 1.0, Opus in ISOBMFF
 * 0.8.1, FLAC in ISOBMFF 0.0.4, ETSI TS 102 366 annex F.
 */
package io.wadi.fmp4;
