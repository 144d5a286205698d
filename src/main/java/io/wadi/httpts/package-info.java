/**
 * HTTP-TS: serves a ring as one endless MPEG-TS body at {@code /{code}/mpegts}. Specifications:
 * ISO/IEC 13818-1 (MPEG-TS), RFC 9112 (HTTP/1.1).
 */
package io.wadi.httpts;
