package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

/**
 * Reads the body of audio and video tags (RTMP messages 8 and 9), legacy and enhanced. One thread.
 *
 * <pre>
 * legacy video:   FrameType(4) CodecID(4) [AVCPacketType(8) CompositionTime(SI24)] data
 * legacy audio:   SoundFormat(4) SoundRate(2) SoundSize(1) SoundType(1) [AACPacketType(8)] data
 * enhanced video: 1(1) FrameType(3) PacketType(4) {ModEx}* [tracks] FourCC(32) [SI24] data
 * enhanced audio: 9(4) PacketType(4) {ModEx}* [tracks] FourCC(32) data
 * ModEx:          sizeMinus1(8) [, 255: sizeMinus1(16)] bytes ModExType(4) PacketType(4)
 * tracks:         MultitrackType(4) PacketType(4) [FourCC] { [FourCC] TrackId(8) [Size(24)] data }
 * </pre>
 */
public final class FlvPacketReader {
    /** SoundFormat 9: an enhanced audio tag. */
    static final int EX_AUDIO = 9;

    static final int MULTITRACK_ONE = 0;
    static final int MULTITRACK_MANY = 1;
    static final int MULTITRACK_MANY_CODECS = 2;

    static final int SEQUENCE_START = 0;
    static final int CODED_FRAMES = 1;
    static final int SEQUENCE_END = 2;
    static final int CODED_FRAMES_X = 3;
    static final int METADATA = 4;
    static final int MULTICHANNEL_CONFIG = 4;
    static final int VIDEO_MPEG2_TS_SEQUENCE_START = 5;
    static final int VIDEO_MULTITRACK = 6;
    static final int AUDIO_MULTITRACK = 5;
    static final int MOD_EX = 7;

    static final int FRAME_TYPE_KEY = 1;
    static final int FRAME_TYPE_COMMAND = 5;

    private static final int MOD_EX_TIMESTAMP_OFFSET_NANO = 0;

    private final FlvPacket packet = new FlvPacket();
    private ByteBuf in;
    private int index;
    private int end;
    private int packetType;

    /**
     * Passes each packet of the tag. An empty body passes none: encoders send such to keep a
     * connection alive.
     *
     * @param body the readable bytes are the tag's body; borrowed, indices left alone
     * @throws MalformedException for a cut header; packets before it were passed
     */
    public void readVideo(ByteBuf body, FlvPacketSink sink) throws MalformedException {
        if (begin(body, true)) {
            int first = readByte();
            if ((first & 0x80) == 0) {
                legacyVideo(first, sink);
            } else {
                enhancedVideo(first, sink);
            }
        }
    }

    /** The same for an audio tag. */
    public void readAudio(ByteBuf body, FlvPacketSink sink) throws MalformedException {
        if (begin(body, false)) {
            int first = readByte();
            if (first >> 4 == EX_AUDIO) {
                enhancedAudio(first & 0x0F, sink);
            } else {
                legacyAudio(first, sink);
            }
        }
    }

    private boolean begin(ByteBuf body, boolean video) {
        in = body;
        index = body.readerIndex();
        end = body.writerIndex();
        packet.video = video;
        packet.trackId = 0;
        packet.compositionTimeMs = 0;
        packet.nanosOffset = 0;
        packet.keyFrame = !video;
        packet.enhanced = false;
        packet.buffer = body;
        return index < end;
    }

    private void legacyVideo(int first, FlvPacketSink sink) throws MalformedException {
        int frameType = first >> 4;
        packet.keyFrame = frameType == FRAME_TYPE_KEY;
        packet.codec = FlvCodec.ofVideoId(first & 0x0F);
        if (frameType == FRAME_TYPE_COMMAND) {
            return; // video info or command frame: seeking in files
        }
        packet.kind = FlvPacket.Kind.CODED_FRAMES;
        if (packet.codec.hasLegacyVideoPacketType()) {
            int type = readByte();
            packet.compositionTimeMs = readSignedMedium();
            packet.kind =
                    switch (type) {
                        case 0 -> FlvPacket.Kind.SEQUENCE_START;
                        case 1 -> FlvPacket.Kind.CODED_FRAMES;
                        case 2 -> FlvPacket.Kind.SEQUENCE_END;
                        default -> FlvPacket.Kind.UNKNOWN;
                    };
        }
        pass(end, sink);
    }

    private void legacyAudio(int first, FlvPacketSink sink) throws MalformedException {
        packet.codec = FlvCodec.ofSoundFormat(first >> 4);
        packet.kind = FlvPacket.Kind.CODED_FRAMES;
        if (packet.codec == FlvCodec.AAC && readByte() == 0) {
            packet.kind = FlvPacket.Kind.SEQUENCE_START;
        }
        pass(end, sink);
    }

    private void enhancedVideo(int first, FlvPacketSink sink) throws MalformedException {
        packet.enhanced = true;
        int frameType = first >> 4 & 7;
        packet.keyFrame = frameType == FRAME_TYPE_KEY;
        packetType = first & 0x0F;
        modifiers();
        if (frameType == FRAME_TYPE_COMMAND && packetType != METADATA) {
            return; // VideoCommand(8), no payload
        }
        if (packetType == VIDEO_MULTITRACK) {
            tracks(sink);
        } else {
            packet.codec = readFourCc();
            body(end, sink);
        }
    }

    private void enhancedAudio(int type, FlvPacketSink sink) throws MalformedException {
        packet.enhanced = true;
        packetType = type;
        modifiers();
        if (packetType == AUDIO_MULTITRACK) {
            tracks(sink);
        } else {
            packet.codec = readFourCc();
            body(end, sink);
        }
    }

    private void modifiers() throws MalformedException {
        while (packetType == MOD_EX) {
            int size = readByte() + 1;
            if (size == 256) {
                size = (readByte() << 8 | readByte()) + 1;
            }
            need(size + 1);
            int start = index;
            index += size;
            int types = readByte();
            if (types >> 4 == MOD_EX_TIMESTAMP_OFFSET_NANO && size >= 3) {
                packet.nanosOffset = Math.min(in.getUnsignedMedium(start), 999_999);
            }
            packetType = types & 0x0F;
        }
    }

    private void tracks(FlvPacketSink sink) throws MalformedException {
        int types = readByte();
        int multitrack = types >> 4;
        packetType = types & 0x0F;
        if (multitrack > MULTITRACK_MANY_CODECS) {
            throw new MalformedException("FLV multitrack type", multitrack, "0 to 2");
        }
        if (multitrack != MULTITRACK_MANY_CODECS) {
            packet.codec = readFourCc();
        }
        do {
            if (multitrack == MULTITRACK_MANY_CODECS) {
                packet.codec = readFourCc();
            }
            packet.trackId = readByte();
            int trackEnd = end;
            if (multitrack != MULTITRACK_ONE) {
                int size = readMedium();
                need(size);
                trackEnd = index + size;
            }
            body(trackEnd, sink);
            index = trackEnd;
        } while (index < end);
    }

    private void body(int to, FlvPacketSink sink) throws MalformedException {
        packet.compositionTimeMs = 0;
        packet.kind = packet.video ? videoKind() : audioKind();
        if (packet.video && packetType == CODED_FRAMES && packet.codec.hasCompositionTime()) {
            if (to - index < 3) {
                throw cut(3, to - index);
            }
            packet.compositionTimeMs = readSignedMedium();
        }
        pass(to, sink);
    }

    private FlvPacket.Kind videoKind() {
        return switch (packetType) {
            case SEQUENCE_START -> FlvPacket.Kind.SEQUENCE_START;
            case CODED_FRAMES, CODED_FRAMES_X -> FlvPacket.Kind.CODED_FRAMES;
            case SEQUENCE_END -> FlvPacket.Kind.SEQUENCE_END;
            case METADATA -> FlvPacket.Kind.METADATA;
            case VIDEO_MPEG2_TS_SEQUENCE_START -> FlvPacket.Kind.MPEG2_TS_SEQUENCE_START;
            default -> FlvPacket.Kind.UNKNOWN;
        };
    }

    private FlvPacket.Kind audioKind() {
        return switch (packetType) {
            case SEQUENCE_START -> FlvPacket.Kind.SEQUENCE_START;
            case CODED_FRAMES -> FlvPacket.Kind.CODED_FRAMES;
            case SEQUENCE_END -> FlvPacket.Kind.SEQUENCE_END;
            case MULTICHANNEL_CONFIG -> FlvPacket.Kind.MULTICHANNEL_CONFIG;
            default -> FlvPacket.Kind.UNKNOWN;
        };
    }

    private void pass(int to, FlvPacketSink sink) {
        packet.offset = index;
        packet.length = to - index;
        sink.onPacket(packet);
    }

    private FlvCodec readFourCc() throws MalformedException {
        need(4);
        int fourCc = in.getInt(index);
        index += 4;
        return FlvCodec.ofFourCc(fourCc);
    }

    private int readByte() throws MalformedException {
        need(1);
        return in.getUnsignedByte(index++);
    }

    private int readMedium() throws MalformedException {
        need(3);
        int value = in.getUnsignedMedium(index);
        index += 3;
        return value;
    }

    /** CompositionTime and compositionTimeOffset are SI24: B-frames may make them negative. */
    private int readSignedMedium() throws MalformedException {
        return readMedium() << 8 >> 8;
    }

    private void need(int bytes) throws MalformedException {
        if (end - index < bytes) {
            throw cut(bytes, end - index);
        }
    }

    private MalformedException cut(int bytes, int left) {
        return new MalformedException(
                packet.video ? "FLV video tag" : "FLV audio tag",
                left + " bytes left",
                bytes + " bytes");
    }
}
