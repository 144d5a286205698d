/**
 * The media plane's core: units of MPEG-TS in off-heap slabs, the ring that fans them out, the
 * stream's own timeline at its entry, and the {@code ring:} Camel component with its fused routes.
 * Imports formats only; every protocol meets here. ISO/IEC 13818-1 for packets and times.
 */
package io.wadi.ring;
