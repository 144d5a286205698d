package io.wadi.ts;

import io.wadi.codec.CodecId;

import java.util.Optional;

/**
 * One elementary stream of a program, as its PMT declares it (ISO/IEC 13818-1 §2.4.4.8).
 *
 * @param pid packet identifier, 0x0010 to 0x1FFE
 * @param streamType stream_type, 0x06 for private PES data
 * @param codec what the stream type and the descriptors say it is; empty for what Wadi only carries
 *     (teletext, SCTE-35, KLV, ...)
 * @param language ISO 639-2 code, "" when not declared
 * @param descriptors the ES_info descriptors, byte for byte, as lower-case hex ("" when there are
 *     none)
 */
public record TsTrack(
        int pid, int streamType, Optional<CodecId> codec, String language, String descriptors) {}
