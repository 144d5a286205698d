package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Opus packets (RFC 6716 §3), the identification header (RFC 7845 §5.1) and its MP4 form {@code
 * dOps} (Encapsulation of Opus in ISO Base Media File Format §4.3.2).
 *
 * <pre>
 * OpusHead: "OpusHead"(64) version=1(8) channels(8) pre_skip(16 LE) input_rate(32 LE) gain(16 LE)
 *           family(8) [ streams(8) coupled(8) mapping(8 x channels) ]
 * dOps:     version=0(8) the rest the same, big endian
 * </pre>
 */
public final class Opus {
    /** Every Opus decoder runs at this rate; times of Opus are counted in it. */
    public static final int SAMPLE_RATE = 48_000;

    /** RFC 6716 §3.4 R5: 120 ms. */
    private static final int MAX_PACKET_SAMPLES = 5760;

    /** 80 ms, which RFC 7845 §4.2 recommends when the encoder's delay is not known. */
    private static final int DEFAULT_PRE_SKIP = 3840;

    private static final long MAGIC = 0x4F70757348656164L; // "OpusHead"
    private static final int DOPS_SIZE = 11;

    /** RFC 7845 §5.1.1.2, mapping family 1: coupled streams and the mapping, by channels. */
    private static final int[] COUPLED = {0, 1, 1, 2, 2, 2, 2, 3};

    private static final int[][] MAPPINGS = {
        {0},
        {0, 1},
        {0, 2, 1},
        {0, 1, 2, 3},
        {0, 4, 1, 2, 3},
        {0, 4, 1, 2, 3, 5},
        {0, 4, 1, 2, 3, 5, 6},
        {0, 6, 1, 2, 3, 4, 5, 7}
    };

    private Opus() {}

    /**
     * Duration of a packet in samples of 48 kHz, 0 when it is not a packet.
     *
     * @param packet borrowed, indices left alone
     */
    public static int samples(ByteBuf packet) {
        int size = packet.readableBytes();
        if (size < 1) {
            return 0;
        }
        int index = packet.readerIndex();
        int toc = packet.getUnsignedByte(index);
        int frames =
                switch (toc & 3) {
                    case 0 -> 1;
                    case 1, 2 -> 2;
                    default -> size > 1 ? packet.getByte(index + 1) & 0x3F : 0;
                };
        int samples = frames * frameSamples(toc >> 3);
        return samples > MAX_PACKET_SAMPLES ? 0 : samples;
    }

    /** RFC 6716 Table 2. */
    private static int frameSamples(int config) {
        if (config < 12) { // SILK: 10, 20, 40, 60 ms
            return (config & 3) == 3 ? 2880 : 480 << (config & 3);
        }
        if (config < 16) { // hybrid: 10, 20 ms
            return 480 << (config & 1);
        }
        return 120 << (config & 3); // CELT: 2.5, 5, 10, 20 ms
    }

    /** The format for so many channels in the Vorbis order, 1 to 8. */
    public static AudioFormat format(int channels) throws MalformedException {
        if (channels < 1 || channels > 8) {
            throw new MalformedException("Opus channels", channels, "1 to 8");
        }
        ByteBuf out = Unpooled.buffer(32);
        out.writeByte(0).writeByte(channels).writeShort(DEFAULT_PRE_SKIP).writeInt(SAMPLE_RATE);
        out.writeShort(0).writeByte(channels > 2 ? 1 : 0);
        if (channels > 2) {
            int coupled = COUPLED[channels - 1];
            out.writeByte(channels - coupled).writeByte(coupled);
            for (int stream : MAPPINGS[channels - 1]) {
                out.writeByte(stream);
            }
        }
        return format(CodecConfig.copyOf(out));
    }

    /** The format of a {@code dOps} body or an OpusHead; the format's config is {@code dOps}. */
    public static AudioFormat format(CodecConfig config) throws MalformedException {
        ByteBuf in = Unpooled.wrappedBuffer(config.toArray());
        boolean head = in.readableBytes() >= 8 && in.getLong(0) == MAGIC;
        in.skipBytes(head ? 8 : 0);
        Limits.checkSize(
                head ? "OpusHead" : "dOps", in.readableBytes(), DOPS_SIZE, DOPS_SIZE + 2 + 255);
        int version = in.readUnsignedByte();
        // OpusHead: any minor version of major version 0 is readable (RFC 7845 §5.1)
        if (head ? version >> 4 != 0 : version != 0) {
            throw new MalformedException("Opus header version", version, head ? "0 to 15" : "0");
        }
        int channels = in.readUnsignedByte();
        int preSkip = head ? in.readUnsignedShortLE() : in.readUnsignedShort();
        long inputRate = head ? in.readUnsignedIntLE() : in.readUnsignedInt();
        int gain = head ? in.readShortLE() : in.readShort();
        int family = in.readUnsignedByte();
        ByteBuf out = Unpooled.buffer(32);
        out.writeByte(0).writeByte(channels).writeShort(preSkip).writeInt((int) inputRate);
        out.writeShort(gain).writeByte(family);
        if (channels == 0 || (family == 0 && channels > 2)) {
            throw new MalformedException(
                    "Opus channels of mapping family " + family,
                    channels,
                    family == 0 ? "1 or 2" : "1 to 255");
        }
        if (family != 0) {
            copyMapping(in, channels, out);
        }
        return new AudioFormat(
                CodecId.OPUS, SAMPLE_RATE, channels, 0, CodecConfig.copyOf(out), "opus");
    }

    /**
     * The identification header (RFC 7845 §5.1) of a {@code dOps} body, as Enhanced RTMP has it.
     */
    public static byte[] opusHead(CodecConfig dOps) throws MalformedException {
        ByteBuf in = Unpooled.wrappedBuffer(format(dOps).config().toArray()).skipBytes(1);
        ByteBuf out = Unpooled.buffer(32);
        out.writeLong(MAGIC).writeByte(1).writeByte(in.readByte());
        out.writeShortLE(in.readShort()).writeIntLE(in.readInt()).writeShortLE(in.readShort());
        out.writeBytes(in);
        return CodecConfig.copyOf(out).toArray();
    }

    private static void copyMapping(ByteBuf in, int channels, ByteBuf out)
            throws MalformedException {
        Limits.checkSize("Opus channel mapping", in.readableBytes(), 2 + channels, 2 + 255);
        int streams = in.readUnsignedByte();
        int coupled = in.readUnsignedByte();
        if (streams < 1 || coupled > streams || streams + coupled > 255) {
            throw new MalformedException(
                    "Opus streams",
                    streams + " of which coupled " + coupled,
                    "1 to 255, coupled ones included");
        }
        out.writeByte(streams).writeByte(coupled);
        for (int i = 0; i < channels; i++) {
            int stream = in.readUnsignedByte();
            if (stream != 255 && stream >= streams + coupled) {
                throw new MalformedException(
                        "Opus mapping of channel " + i, stream, "below " + (streams + coupled));
            }
            out.writeByte(stream);
        }
    }

    /**
     * A bare packet does not tell the channels of its stream: mono packets come and go in stereo
     * streams, and every decoder makes stereo of them. So it is always announced as stereo.
     */
    static final class Probe extends HeaderProbe {
        @Override
        long key(ByteBuf unit) {
            return samples(unit) > 0 ? 1 : -1;
        }

        @Override
        TrackFormat parse(ByteBuf unit) throws MalformedException {
            return Opus.format(2);
        }
    }
}
