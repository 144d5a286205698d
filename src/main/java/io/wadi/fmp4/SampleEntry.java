package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;

/** Writes sample entries: the format of a track as {@code stsd} holds it. */
final class SampleEntry {
    private static final int RESOLUTION_72_DPI = 0x00480000;
    private static final int DEPTH_24 = 0x0018;
    private static final int SAMPLE_SIZE_16 = 16;

    /** The sample rate is 16.16 fixed point: what does not fit is written as 0. */
    private static final int MAX_ENTRY_SAMPLE_RATE = 0xFFFF;

    /** ObjectTypeIndication values (ISO/IEC 14496-1 §7.2.6.6.2, table 5). */
    private static final int OTI_AAC = 0x40;

    private static final int OTI_MPEG2_AUDIO = 0x69;
    private static final int OTI_MPEG1_AUDIO = 0x6B;

    /** Below this a layer III stream is MPEG-2 (or 2.5). */
    private static final int LOWEST_MPEG1_RATE = 32_000;

    private static final int ES_DESCRIPTOR = 0x03;
    private static final int DECODER_CONFIG = 0x04;
    private static final int DECODER_SPECIFIC_INFO = 0x05;
    private static final int SL_CONFIG = 0x06;

    /** streamType 5 (audio), upStream 0, reserved 1. */
    private static final int AUDIO_STREAM = 0x15;

    private SampleEntry() {}

    static void write(ByteBuf out, TrackFormat format) {
        switch (format) {
            case VideoFormat video -> writeVideo(out, video);
            case AudioFormat audio -> writeAudio(out, audio);
        }
    }

    private static void writeVideo(ByteBuf out, VideoFormat video) {
        switch (video.codec()) {
            case H264 -> writeVisual(out, video, FourCc.AVC1, FourCc.AVCC);
            case H265 -> writeVisual(out, video, FourCc.HVC1, FourCc.HVCC);
            case AV1 -> writeVisual(out, video, FourCc.AV01, FourCc.AV1C);
            case VP9 -> writeVisual(out, video, FourCc.VP09, FourCc.VPCC);
            case AAC, MP3, AC3, EAC3, OPUS, FLAC -> throw unexpected(video);
        }
    }

    private static void writeVisual(ByteBuf out, VideoFormat video, int type, int configType) {
        int entry = BoxWriter.begin(out, type);
        out.writeZero(6).writeShort(1); // reserved, data_reference_index
        out.writeZero(16); // pre_defined, reserved
        out.writeShort(video.width()).writeShort(video.height());
        out.writeInt(RESOLUTION_72_DPI).writeInt(RESOLUTION_72_DPI).writeInt(0);
        out.writeShort(1).writeZero(32); // frame_count, compressorname
        out.writeShort(DEPTH_24).writeShort(-1); // depth, pre_defined
        int config = BoxWriter.begin(out, configType);
        video.config().writeTo(out);
        BoxWriter.end(out, config);
        int pasp = BoxWriter.begin(out, FourCc.PASP);
        out.writeInt(video.sarWidth()).writeInt(video.sarHeight());
        BoxWriter.end(out, pasp);
        BoxWriter.end(out, entry);
    }

    private static void writeAudio(ByteBuf out, AudioFormat audio) {
        switch (audio.codec()) {
            case AAC -> writeMp4a(out, audio, OTI_AAC);
            case MP3 ->
                    writeMp4a(
                            out,
                            audio,
                            audio.sampleRate() < LOWEST_MPEG1_RATE
                                    ? OTI_MPEG2_AUDIO
                                    : OTI_MPEG1_AUDIO);
            case AC3 -> writeAudible(out, audio, FourCc.AC_3, FourCc.DAC3);
            case EAC3 -> writeAudible(out, audio, FourCc.EC_3, FourCc.DEC3);
            case OPUS -> writeAudible(out, audio, FourCc.OPUS, FourCc.DOPS);
            case FLAC -> writeAudible(out, audio, FourCc.FLAC, FourCc.DFLA);
            case H264, H265, AV1, VP9 -> throw unexpected(audio);
        }
    }

    private static void writeAudible(ByteBuf out, AudioFormat audio, int type, int configType) {
        int entry = beginAudio(out, audio, type);
        int config = BoxWriter.begin(out, configType);
        audio.config().writeTo(out);
        BoxWriter.end(out, config);
        BoxWriter.end(out, entry);
    }

    private static int beginAudio(ByteBuf out, AudioFormat audio, int type) {
        int entry = BoxWriter.begin(out, type);
        out.writeZero(6).writeShort(1); // reserved, data_reference_index
        out.writeLong(0).writeShort(audio.channels()).writeShort(SAMPLE_SIZE_16).writeInt(0);
        int rate = Fmp4Track.timescaleOf(audio);
        out.writeInt(rate > MAX_ENTRY_SAMPLE_RATE ? 0 : rate << 16);
        return entry;
    }

    /**
     * {@code mp4a} with an {@code esds}: the descriptors of ISO/IEC 14496-1 §7.2.6, whose sizes are
     * all below 128 and so take one byte.
     */
    private static void writeMp4a(ByteBuf out, AudioFormat audio, int objectType) {
        CodecConfig config = audio.config();
        if (config.length() > 64) {
            throw new IllegalArgumentException(
                    "AudioSpecificConfig of " + config.length() + " bytes, expected at most 64");
        }
        int specificInfo = config.length() > 0 ? 2 + config.length() : 0;
        int decoderConfig = 13 + specificInfo;
        int entry = beginAudio(out, audio, FourCc.MP4A);
        int esds = BoxWriter.begin(out, FourCc.ESDS, 0, 0);
        out.writeByte(ES_DESCRIPTOR).writeByte(3 + 2 + decoderConfig + 3);
        out.writeShort(0).writeByte(0); // ES_ID is 0 in files (14496-14 §3.1.2), no flags
        out.writeByte(DECODER_CONFIG).writeByte(decoderConfig);
        out.writeByte(objectType).writeByte(AUDIO_STREAM);
        out.writeMedium(0).writeInt(0).writeInt(0); // bufferSizeDB, maxBitrate, avgBitrate
        if (specificInfo > 0) {
            out.writeByte(DECODER_SPECIFIC_INFO).writeByte(config.length());
            config.writeTo(out);
        }
        out.writeByte(SL_CONFIG).writeByte(1).writeByte(2); // predefined for MP4 files
        BoxWriter.end(out, esds);
        BoxWriter.end(out, entry);
    }

    private static IllegalArgumentException unexpected(TrackFormat format) {
        return new IllegalArgumentException(
                format.codec() + " in a " + format.getClass().getSimpleName());
    }
}
