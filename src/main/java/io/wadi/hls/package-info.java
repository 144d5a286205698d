/**
 * HLS: packages a ring as MPEG-TS or fMP4 segments and serves playlists and segments below the
 * stream's code. Specification: RFC 8216 (HTTP Live Streaming).
 */
package io.wadi.hls;
