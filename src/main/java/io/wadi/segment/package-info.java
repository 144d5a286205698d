/**
 * Cuts a ring into segments, numbers them so that numbers never go back, and keeps the newest ones:
 * what HLS and DASH share. Specifications: RFC 8216 (HLS), ISO/IEC 13818-1 (MPEG-TS), ISO/IEC
 * 23000-19 (CMAF).
 */
package io.wadi.segment;
