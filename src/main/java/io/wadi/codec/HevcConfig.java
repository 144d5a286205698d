package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.ArrayList;
import java.util.List;

/**
 * The HEVCDecoderConfigurationRecord, body of {@code hvcC} (ISO/IEC 14496-15 §8.3.3.1).
 *
 * <pre>
 * version=1(8) profileSpace(2) tier(1) profile(5) compatibility(32) constraints(48) level(8)
 * 1111(4) minSpatialSegmentation(12) 111111(6) parallelism(2) 111111(6) chromaFormat(2)
 * 11111(5) bitDepthLumaMinus8(3) 11111(5) bitDepthChromaMinus8(3) avgFrameRate(16)
 * constantFrameRate(2) numTemporalLayers(3) temporalIdNested(1) lengthSizeMinusOne(2)
 * numArrays(8) { completeness(1) 0(1) type(6) count(16) { length(16) NAL unit }* }*
 * </pre>
 *
 * @param lengthSize bytes of the NAL unit lengths: 1, 2 or 4
 * @param vps at least one
 * @param sps at least one
 * @param pps at least one
 */
public record HevcConfig(int lengthSize, List<NalUnit> vps, List<NalUnit> sps, List<NalUnit> pps) {
    /** vps_id and sps_id have 4 bits, pps_id goes to 63 (§7.4.3). */
    private static final int MAX_SETS = 16 + 16 + 64;

    private static final int HEADER_SIZE = 23;

    public HevcConfig {
        vps = List.copyOf(vps);
        sps = List.copyOf(sps);
        pps = List.copyOf(pps);
    }

    /** A record with four-byte lengths. */
    public static HevcConfig of(List<NalUnit> vps, List<NalUnit> sps, List<NalUnit> pps)
            throws MalformedException {
        return checked(AnnexB.PREFIX_SIZE, vps, sps, pps);
    }

    public static HevcConfig parse(CodecConfig hvcC) throws MalformedException {
        return parse(Unpooled.wrappedBuffer(hvcC.toArray()));
    }

    /** Parses the readable bytes; borrows, indices left alone. */
    public static HevcConfig parse(ByteBuf hvcC) throws MalformedException {
        Limits.checkSize("hvcC", hvcC.readableBytes(), HEADER_SIZE, Limits.MAX_CONFIG_SIZE);
        ByteBuf in = hvcC.slice();
        int version = in.readUnsignedByte();
        // Early writers, before the standard was final, wrote 0.
        if (version > 1) {
            throw new MalformedException("hvcC configurationVersion", version, "1");
        }
        in.skipBytes(HEADER_SIZE - 3); // what the SPS says again
        int lengthSize = AvcConfig.lengthSize("hvcC", in.readUnsignedByte());
        int arrays = in.readUnsignedByte();
        List<NalUnit> vps = new ArrayList<>();
        List<NalUnit> sps = new ArrayList<>();
        List<NalUnit> pps = new ArrayList<>();
        for (int i = 0; i < arrays; i++) {
            Limits.checkSize("hvcC array", in.readableBytes(), 3, Limits.MAX_CONFIG_SIZE);
            int type = in.readUnsignedByte() & 0x3F;
            int count = in.readUnsignedShort();
            for (int n = 0; n < count; n++) {
                NalUnit unit = AvcConfig.readNalUnit("hvcC NAL unit", in);
                switch (type) {
                    case H265.NAL_VPS -> vps.add(checkType(unit, type));
                    case H265.NAL_SPS -> sps.add(checkType(unit, type));
                    case H265.NAL_PPS -> pps.add(checkType(unit, type));
                    default -> {
                        // SEI messages: not needed to decode
                    }
                }
                if (vps.size() + sps.size() + pps.size() > MAX_SETS) {
                    throw new MalformedException(
                            "hvcC parameter sets", "more than " + MAX_SETS, "at most " + MAX_SETS);
                }
            }
        }
        return checked(lengthSize, vps, sps, pps);
    }

    public CodecConfig toConfig() throws MalformedException {
        H265Sps first = H265Sps.parse(sps.getFirst());
        int parallelism = parallelism();
        // §8.3.3.1.2: 0 unless min_spatial_segmentation_idc says something
        int segmentation = first.minSpatialSegmentationIdc();
        ByteBuf out = Unpooled.buffer(512);
        out.writeByte(1);
        first.profileTierLevel().writeTo(out);
        out.writeShort(0xF000 | segmentation);
        out.writeByte(0xFC | (segmentation == 0 ? 0 : parallelism));
        out.writeByte(0xFC | first.chromaFormatIdc());
        out.writeByte(0xF8 | first.bitDepthLuma() - 8);
        out.writeByte(0xF8 | first.bitDepthChroma() - 8);
        out.writeShort(0); // avgFrameRate: unspecified
        out.writeByte(
                first.maxSubLayers() << 3 | (first.temporalIdNesting() ? 4 : 0) | lengthSize - 1);
        out.writeByte(3);
        writeArray(H265.NAL_VPS, vps, out);
        writeArray(H265.NAL_SPS, sps, out);
        writeArray(H265.NAL_PPS, pps, out);
        return CodecConfig.copyOf(out);
    }

    public VideoFormat format() throws MalformedException {
        H265Sps first = H265Sps.parse(sps.getFirst());
        return new VideoFormat(
                CodecId.H265,
                first.width(),
                first.height(),
                first.sarWidth(),
                first.sarHeight(),
                first.frameRate(),
                toConfig(),
                first.profileTierLevel().codecString());
    }

    /** Access unit delimiter, VPS, SPS and PPS, each after a start code. */
    public byte[] parameterSetsPrefix() {
        ByteBuf out = Unpooled.buffer(256);
        H265.writeAccessUnitDelimiter(out);
        for (List<NalUnit> sets : List.of(vps, sps, pps)) {
            for (NalUnit set : sets) {
                out.writeInt(1);
                set.writeTo(out);
            }
        }
        return CodecConfig.copyOf(out).toArray();
    }

    /** parallelismType: 0 mixed or unknown, 1 slices, 2 tiles, 3 wavefronts. */
    private int parallelism() throws MalformedException {
        int common = -1;
        for (NalUnit unit : pps) {
            int type = H265Pps.parse(unit).parallelism();
            if (common >= 0 && common != type) {
                return 0;
            }
            common = type;
        }
        return common;
    }

    private static void writeArray(int type, List<NalUnit> units, ByteBuf out) {
        out.writeByte(0x80 | type); // array_completeness: hvc1 has all sets here
        out.writeShort(units.size());
        for (NalUnit unit : units) {
            out.writeShort(unit.length());
            unit.writeTo(out);
        }
    }

    private static HevcConfig checked(
            int lengthSize, List<NalUnit> vps, List<NalUnit> sps, List<NalUnit> pps)
            throws MalformedException {
        if (vps.isEmpty() || sps.isEmpty() || pps.isEmpty()) {
            throw new MalformedException(
                    "hvcC parameter sets",
                    vps.size() + " VPS, " + sps.size() + " SPS, " + pps.size() + " PPS",
                    "one of each at least");
        }
        return new HevcConfig(lengthSize, vps, sps, pps);
    }

    private static NalUnit checkType(NalUnit unit, int type) throws MalformedException {
        int actual = H265.nalType(unit.unsignedByte(0));
        if (actual != type) {
            throw new MalformedException("hvcC nal_unit_type", actual, "the array's type " + type);
        }
        return unit;
    }
}
