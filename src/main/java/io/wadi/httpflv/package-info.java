/**
 * HTTP-FLV: serves a ring as one endless FLV body at {@code /{code}/live.flv}. Specifications:
 * Adobe Flash Video File Format 10.1 Annex E, Enhanced RTMP v2 (for codecs beyond H.264 and AAC),
 * RFC 9112 (HTTP/1.1).
 */
package io.wadi.httpflv;
