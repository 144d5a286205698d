package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * AudioSpecificConfig of the AAC family (ISO/IEC 14496-3 §1.6.2.1).
 *
 * @param objectType audio object type of the core coder: 2 is AAC-LC
 * @param coreSampleRate of the core coder
 * @param channelConfiguration 0 when a program config element says
 * @param channels output channels
 * @param sbr signalled explicitly, either hierarchically or by the backward compatible extension
 * @param ps signalled explicitly, likewise
 * @param sampleRate output rate: the extension rate with SBR, the core rate otherwise
 * @param samplesPerFrame output samples a channel in one access unit
 * @param bytes the record itself
 * @param programConfig the program config element as the first element of a raw data block, empty
 *     when there is none
 */
public record AudioSpecificConfig(
        int objectType,
        int coreSampleRate,
        int channelConfiguration,
        int channels,
        boolean sbr,
        boolean ps,
        int sampleRate,
        int samplesPerFrame,
        CodecConfig bytes,
        CodecConfig programConfig) {
    private static final String WHAT = "AudioSpecificConfig";
    private static final int AOT_LC = 2;
    private static final int AOT_SBR = 5;
    private static final int AOT_LD = 23;
    private static final int AOT_PS = 29;
    private static final int AOT_ELD = 39;
    private static final int AOT_USAC = 42;

    /** A program config element with its comment is below 400 bytes. */
    private static final int MAX_SIZE = 1024;

    public static AudioSpecificConfig parse(CodecConfig config) throws MalformedException {
        return parse(Unpooled.wrappedBuffer(config.toArray()));
    }

    /** Parses the readable bytes; borrows, indices left alone. */
    public static AudioSpecificConfig parse(ByteBuf config) throws MalformedException {
        Limits.checkSize(WHAT, config.readableBytes(), 2, MAX_SIZE);
        return new Parser(config).parse();
    }

    /** AAC-LC without extensions, 1024 samples a frame. */
    public static AudioSpecificConfig aacLc(int sampleRate, int channelConfiguration)
            throws MalformedException {
        ByteBuf out = Unpooled.buffer(8);
        BitWriter bits = new BitWriter(out);
        bits.bits(5, AOT_LC);
        int index = Aac.indexOf(sampleRate);
        if (index >= 0) {
            bits.bits(4, index);
        } else {
            bits.bits(4, 15).bits(24, sampleRate);
        }
        bits.bits(4, channelConfiguration).bits(3, 0).align();
        return parse(out);
    }

    /** RFC 6381 §3.3: the object type that was signalled, extensions included. */
    public String codecString() {
        return "mp4a.40." + (ps ? AOT_PS : sbr ? AOT_SBR : objectType);
    }

    public AudioFormat format() {
        return new AudioFormat(
                CodecId.AAC, sampleRate, channels, samplesPerFrame, bytes, codecString());
    }

    /**
     * Whether ADTS can say this: object types 1 to 4, a rate of the table, a channel configuration
     * of three bits, 1024 samples. SBR and PS are left for the decoder to find.
     */
    public boolean fitsAdts() {
        int coreSamples = sbr && objectType != AOT_SBR ? samplesPerFrame / 2 : samplesPerFrame;
        return objectType >= 1
                && objectType <= 4
                && Aac.indexOf(coreSampleRate) >= 0
                && channelConfiguration <= 7
                && coreSamples == 1024;
    }

    /** Bytes before the payload: the ADTS header and the program config element, if any. */
    public int adtsOverhead() {
        return Aac.ADTS_HEADER_SIZE + programConfig.length();
    }

    /**
     * Writes the ADTS header, and the program config element where the channels need one, for a raw
     * access unit of so many bytes.
     *
     * @param out borrowed
     * @throws MalformedException when the frame is longer than ADTS can say
     * @throws IllegalStateException when {@link #fitsAdts} is false
     */
    public void writeAdtsHeader(ByteBuf out, int payloadSize) throws MalformedException {
        if (!fitsAdts()) {
            throw new IllegalStateException("ADTS cannot carry " + this);
        }
        int length = adtsOverhead() + payloadSize;
        if (payloadSize < 0 || length > Aac.MAX_ADTS_FRAME_SIZE) {
            throw new MalformedException(
                    "AAC access unit", length + " bytes", "at most " + Aac.MAX_ADTS_FRAME_SIZE);
        }
        out.writeShort(0xFFF1);
        out.writeByte(
                (objectType - 1) << 6
                        | Aac.indexOf(coreSampleRate) << 2
                        | channelConfiguration >> 2);
        // channel_configuration(2 low bits) 0000 length(13) fullness=7FF(11) blocks=0(2)
        out.writeInt((channelConfiguration & 3) << 30 | length << 13 | 0x1FFC);
        programConfig.writeTo(out);
    }

    private static final class Parser {
        private static final int SYNC_SBR = 0x2B7;
        private static final int SYNC_PS = 0x548;

        private final BitReader in;
        private final CodecConfig bytes;
        private int objectType;
        private int coreSampleRate;
        private int sampleRate;
        private int channels;
        private int coreSamples = 1024;
        private boolean sbr;
        private boolean ps;
        private CodecConfig programConfig = CodecConfig.EMPTY;

        private Parser(ByteBuf config) {
            this.in = BitReader.of(WHAT, config);
            this.bytes = CodecConfig.copyOf(config);
        }

        private AudioSpecificConfig parse() throws MalformedException {
            objectType = objectType();
            coreSampleRate = rate();
            sampleRate = coreSampleRate;
            int channelConfiguration = in.bits(4);
            channels = channels(channelConfiguration);
            if (objectType == AOT_SBR || objectType == AOT_PS) {
                sbr = true;
                ps = objectType == AOT_PS;
                sampleRate = rate();
                objectType = objectType();
            }
            specific(channelConfiguration);
            if (!sbr && isGeneralAudio()) {
                syncExtension();
            }
            if (ps && channels == 1) {
                channels = 2;
            }
            int samples = sbr && sampleRate == 2 * coreSampleRate ? 2 * coreSamples : coreSamples;
            return new AudioSpecificConfig(
                    objectType,
                    coreSampleRate,
                    channelConfiguration,
                    channels,
                    sbr,
                    ps,
                    sampleRate,
                    samples,
                    bytes,
                    programConfig);
        }

        private int objectType() throws MalformedException {
            int type = in.bits(5);
            return type == 31 ? 32 + in.bits(6) : type;
        }

        private int rate() throws MalformedException {
            int index = in.bits(4);
            int rate = index == 15 ? in.bits(24) : Aac.rateOf(index);
            if (rate < 1 || rate > Limits.MAX_SAMPLE_RATE) {
                throw new MalformedException(
                        WHAT + " sampling frequency",
                        index == 15 ? rate + " Hz" : "index " + index,
                        "1 to " + Limits.MAX_SAMPLE_RATE + " Hz or index 0 to 12");
            }
            return rate;
        }

        /** Table 1.19; 0 is known after the program config element. */
        private static int channels(int configuration) throws MalformedException {
            return switch (configuration) {
                case 0, 1, 2, 3, 4, 5, 6 -> configuration;
                case 7, 12, 14 -> 8;
                case 11 -> 7;
                case 13 -> 24;
                default ->
                        throw new MalformedException(
                                WHAT + " channelConfiguration",
                                configuration,
                                "0 to 7 or 11 to 14");
            };
        }

        private boolean isGeneralAudio() {
            return switch (objectType) {
                case 1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, AOT_LD -> true;
                default -> false;
            };
        }

        private void specific(int channelConfiguration) throws MalformedException {
            if (isGeneralAudio()) {
                generalAudio(channelConfiguration);
            } else if (objectType == AOT_ELD) {
                coreSamples = in.flag() ? 480 : 512;
            } else if (objectType != AOT_USAC) {
                throw new MalformedException(
                        WHAT + " audioObjectType", objectType, "an AAC object type");
            }
            if (channels == 0) {
                throw new MalformedException(
                        WHAT + " channelConfiguration",
                        "0 without a program config element",
                        "a channel configuration");
            }
        }

        /** GASpecificConfig, §4.4.1. */
        private void generalAudio(int channelConfiguration) throws MalformedException {
            boolean shortFrames = in.flag();
            coreSamples =
                    objectType == AOT_LD ? (shortFrames ? 480 : 512) : shortFrames ? 960 : 1024;
            if (in.flag()) {
                in.skip(14); // coreCoderDelay
            }
            boolean extension = in.flag();
            if (channelConfiguration == 0) {
                programConfig();
            }
            if (objectType == 6 || objectType == 20) {
                in.skip(3); // layerNr
            }
            if (extension) {
                if (objectType == 22) {
                    in.skip(16); // numOfSubFrame(5) layer_length(11)
                } else if (objectType >= 17) {
                    in.skip(3); // resilience flags
                }
                in.skip(1); // extensionFlag3
            }
            if (objectType >= 17) {
                in.skip(2); // epConfig: 0 and 1 need nothing more, 2 and 3 are not of this family
            }
        }

        private void programConfig() throws MalformedException {
            ByteBuf element = Unpooled.buffer(64);
            BitWriter out = new BitWriter(element).bits(3, Aac.SYNTACTIC_ELEMENT_PCE);
            channels = ProgramConfig.copy(in, out);
            programConfig = CodecConfig.copyOf(element);
        }

        /** The backward compatible signalling of SBR and PS, §1.6.5. */
        private void syncExtension() throws MalformedException {
            if (in.bitsLeft() < 16 || in.bits(11) != SYNC_SBR || objectType() != AOT_SBR) {
                return;
            }
            sbr = in.bitsLeft() >= 1 && in.flag();
            if (!sbr) {
                return;
            }
            sampleRate = rate();
            ps = in.bitsLeft() >= 12 && in.bits(11) == SYNC_PS && in.flag();
        }
    }
}
