package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.ArrayList;
import java.util.List;

/**
 * The AVCDecoderConfigurationRecord, body of {@code avcC} (ISO/IEC 14496-15 §5.3.3.1).
 *
 * <pre>
 * version=1(8) profile(8) compatibility(8) level(8) 111111(6) lengthSizeMinusOne(2)
 * 111(3) numSps(5) { length(16) SPS }*  numPps(8) { length(16) PPS }*
 * profiles other than 66, 77, 88:
 * 111111(6) chromaFormat(2) 11111(5) bitDepthLumaMinus8(3) 11111(5) bitDepthChromaMinus8(3)
 * numSpsExt(8) { length(16) SPS extension }*
 * </pre>
 *
 * @param lengthSize bytes of the NAL unit lengths: 1, 2 or 4
 * @param sps at least one
 * @param pps at least one
 * @param spsExtensions alpha planes; none as a rule
 */
public record AvcConfig(
        int lengthSize, List<NalUnit> sps, List<NalUnit> pps, List<NalUnit> spsExtensions) {
    private static final int MAX_SPS = 31;
    private static final int MAX_PPS = 255;

    public AvcConfig {
        sps = List.copyOf(sps);
        pps = List.copyOf(pps);
        spsExtensions = List.copyOf(spsExtensions);
    }

    /** A record with four-byte lengths. */
    public static AvcConfig of(List<NalUnit> sps, List<NalUnit> pps) throws MalformedException {
        checkCount("SPS count", sps.size(), MAX_SPS);
        checkCount("PPS count", pps.size(), MAX_PPS);
        return new AvcConfig(AnnexB.PREFIX_SIZE, sps, pps, List.of());
    }

    public static AvcConfig parse(CodecConfig avcC) throws MalformedException {
        return parse(Unpooled.wrappedBuffer(avcC.toArray()));
    }

    /** Parses the readable bytes; borrows, indices left alone. */
    public static AvcConfig parse(ByteBuf avcC) throws MalformedException {
        Limits.checkSize("avcC", avcC.readableBytes(), 7, Limits.MAX_CONFIG_SIZE);
        ByteBuf in = avcC.slice();
        int version = in.readUnsignedByte();
        if (version != 1) {
            throw new MalformedException("avcC configurationVersion", version, "1");
        }
        int profile = in.readUnsignedByte();
        in.skipBytes(2); // profile_compatibility, AVCLevelIndication: the SPS has them
        int lengthSize = lengthSize("avcC", in.readUnsignedByte());
        List<NalUnit> sps = nalUnits("avcC SPS", in, count("SPS", in) & 0x1F, H264.NAL_SPS);
        List<NalUnit> pps = nalUnits("avcC PPS", in, count("PPS", in), H264.NAL_PPS);
        checkCount("SPS count", sps.size(), MAX_SPS);
        checkCount("PPS count", pps.size(), MAX_PPS);
        List<NalUnit> extensions = List.of();
        // Older writers leave the fields of the high profiles out.
        if (profile != 66 && profile != 77 && profile != 88 && in.readableBytes() >= 4) {
            in.skipBytes(3); // chroma_format, bit_depth_luma_minus8, bit_depth_chroma_minus8
            extensions =
                    nalUnits(
                            "avcC SPS extension",
                            in,
                            count("SPS extension", in),
                            H264.NAL_SPS_EXTENSION);
        }
        return new AvcConfig(lengthSize, sps, pps, extensions);
    }

    public CodecConfig toConfig() throws MalformedException {
        H264Sps first = H264Sps.parse(sps.getFirst());
        ByteBuf out = Unpooled.buffer(256);
        out.writeByte(1);
        out.writeByte(first.profileIdc());
        out.writeByte(first.constraintFlags());
        out.writeByte(first.levelIdc());
        out.writeByte(0xFC | lengthSize - 1);
        out.writeByte(0xE0 | sps.size());
        write(sps, out);
        out.writeByte(pps.size());
        write(pps, out);
        if (first.hasHighProfileFields()) {
            out.writeByte(0xFC | first.chromaFormatIdc());
            out.writeByte(0xF8 | first.bitDepthLuma() - 8);
            out.writeByte(0xF8 | first.bitDepthChroma() - 8);
            out.writeByte(spsExtensions.size());
            write(spsExtensions, out);
        }
        return CodecConfig.copyOf(out);
    }

    public VideoFormat format() throws MalformedException {
        H264Sps first = H264Sps.parse(sps.getFirst());
        return new VideoFormat(
                CodecId.H264,
                first.width(),
                first.height(),
                first.sarWidth(),
                first.sarHeight(),
                first.frameRate(),
                toConfig(),
                first.codecString());
    }

    /** Access unit delimiter, SPS and PPS, each after a start code. */
    public byte[] parameterSetsPrefix() {
        ByteBuf out = Unpooled.buffer(256);
        H264.writeAccessUnitDelimiter(out);
        for (List<NalUnit> sets : List.of(sps, spsExtensions, pps)) {
            for (NalUnit set : sets) {
                out.writeInt(1);
                set.writeTo(out);
            }
        }
        return CodecConfig.copyOf(out).toArray();
    }

    static int lengthSize(String what, int value) throws MalformedException {
        int lengthSize = (value & 3) + 1;
        if (lengthSize == 3) {
            throw new MalformedException(what + " lengthSizeMinusOne", 2, "0, 1 or 3");
        }
        return lengthSize;
    }

    private static int count(String what, ByteBuf in) throws MalformedException {
        Limits.checkSize("avcC " + what + " count", in.readableBytes(), 1, Limits.MAX_CONFIG_SIZE);
        return in.readUnsignedByte();
    }

    /** Reads NAL units after 16-bit lengths; takes nothing before the length is known to fit. */
    private static List<NalUnit> nalUnits(String what, ByteBuf in, int count, int type)
            throws MalformedException {
        List<NalUnit> units = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            NalUnit unit = readNalUnit(what, in);
            if (H264.nalType(unit.unsignedByte(0)) != type) {
                throw new MalformedException(
                        what + " nal_unit_type",
                        H264.nalType(unit.unsignedByte(0)),
                        Integer.toString(type));
            }
            units.add(unit);
        }
        return units;
    }

    static NalUnit readNalUnit(String what, ByteBuf in) throws MalformedException {
        Limits.checkSize(what + " length", in.readableBytes(), 2, Limits.MAX_CONFIG_SIZE);
        int length = in.readUnsignedShort();
        Limits.checkSize(
                what, length, 1, Math.min(in.readableBytes(), Limits.MAX_PARAMETER_SET_SIZE));
        NalUnit unit = NalUnit.copyOf(in, in.readerIndex(), length);
        in.skipBytes(length);
        return unit;
    }

    private static void write(List<NalUnit> units, ByteBuf out) {
        for (NalUnit unit : units) {
            out.writeShort(unit.length());
            unit.writeTo(out);
        }
    }

    private static void checkCount(String what, int count, int max) throws MalformedException {
        if (count < 1 || count > max) {
            throw new MalformedException("avcC " + what, count, "1 to " + max);
        }
    }
}
