/**
 * Elementary-stream headers: parameter sets, sequence headers, sync headers and the decoder
 * configuration records made from them. Pure functions over {@link io.netty.buffer.ByteBuf}; bad
 * bytes are {@link io.wadi.codec.MalformedException}, never anything else.
 *
 * <p>Specs: ITU-T H.264 (08/2021), ITU-T H.265 (08/2021), AV1 Bitstream &amp; Decoding Process
 * 1.0.0 with Errata 1, VP9 Bitstream 0.6, ISO/IEC 14496-3:2019, ISO/IEC 14496-15:2019, ISO/IEC
 * 11172-3, ISO/IEC 13818-3, ETSI TS 102 366 V1.4.1, RFC 6381, RFC 6716, RFC 7845, RFC 9639, and the
 * MP4 bindings of AV1, VP9, Opus and FLAC.
 */
package io.wadi.codec;
