/**
 * RTMP: handshake, chunk streams and commands, and the {@code rtmp:} component that listens for
 * publishers and turns what they send into units. Adobe RTMP specification 1.0 (2012), Enhanced
 * RTMP v1 (2023) and v2 (2025).
 */
package io.wadi.rtmp;
