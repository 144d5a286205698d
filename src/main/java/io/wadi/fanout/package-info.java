/**
 * Sends one ring to many connections: viewers grouped by event loop, one wake-up a loop, gathered
 * writes out of the ring's own memory, slow viewers cut back to the next random access point and
 * then dropped. Used by every endless delivery: HTTP-TS, HTTP-FLV, RTMP play.
 */
package io.wadi.fanout;
