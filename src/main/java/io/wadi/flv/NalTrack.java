package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.AnnexB;
import io.wadi.codec.AvcConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.H264;
import io.wadi.codec.H265;
import io.wadi.codec.HevcConfig;
import io.wadi.codec.MalformedException;
import io.wadi.ts.TsTrack;

/**
 * H.264 and H.265: lengths become start codes, in place where they have four bytes. Each access
 * unit gets an access unit delimiter (ISO/IEC 13818-1 §2.14.1, §2.17.1); one to start decoding with
 * gets the parameter sets of the newest configuration record too, unless it brings its own.
 */
final class NalTrack extends ElementaryTrack {
    private static final int START_CODE = 1;

    /** Parameter sets come before the first slice; nobody puts more than this before them. */
    private static final int MAX_LEADING_NAL_UNITS = 32;

    private final boolean hevc;
    private final ByteBuf delimiter = Unpooled.buffer(8);
    private ByteBuf parameterSets;
    private int lengthSize;

    /** For lengths of one or two bytes, which no encoder of today writes. */
    private ByteBuf converted;

    NalTrack(boolean hevc, int pid, AccessUnits out) {
        super(pid, "", out);
        this.hevc = hevc;
        if (hevc) {
            H265.writeAccessUnitDelimiter(delimiter);
        } else {
            H264.writeAccessUnitDelimiter(delimiter);
        }
    }

    @Override
    public void configure(ByteBuf config) throws MalformedException {
        if (hevc) {
            HevcConfig hvcC = HevcConfig.parse(config);
            lengthSize = hvcC.lengthSize();
            parameterSets = Unpooled.wrappedBuffer(hvcC.parameterSetsPrefix());
        } else {
            AvcConfig avcC = AvcConfig.parse(config);
            lengthSize = avcC.lengthSize();
            parameterSets = Unpooled.wrappedBuffer(avcC.parameterSetsPrefix());
        }
        declare();
    }

    @Override
    TsTrack describe(int pid, String language) {
        return TsTrack.of(pid, hevc ? CodecId.H265 : CodecId.H264, language);
    }

    @Override
    public void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload)
            throws MalformedException {
        if (parameterSets == null) {
            return; // nothing can be decoded before the sequence start
        }
        ByteBuf annexB = annexB(payload);
        boolean randomAccess = hevc ? H265.isRandomAccess(annexB) : H264.isRandomAccess(annexB);
        boolean bringsOwn = randomAccess && hasParameterSets(annexB);
        int start = annexB.readerIndex();
        annexB.readerIndex(afterDelimiter(annexB));
        ByteBuf prefix = randomAccess && !bringsOwn ? parameterSets : delimiter;
        if (annexB.isReadable()) {
            out().onAccessUnit(track(), pts, dts, randomAccess, prefix, annexB);
        }
        annexB.readerIndex(start);
    }

    private ByteBuf annexB(ByteBuf payload) throws MalformedException {
        if (lengthSize == AnnexB.PREFIX_SIZE) {
            if (AnnexB.fromLengthPrefixedInPlace(payload) || isAnnexB(payload)) {
                return payload; // the second kind was Annex B before: some hardware sends it
            }
            throw new MalformedException(
                    "NAL unit lengths", "one that does not fit", "the access unit's bytes");
        }
        if (converted == null) {
            converted = Unpooled.buffer();
        }
        converted.clear();
        AnnexB.fromLengthPrefixed(payload, lengthSize, converted);
        return converted;
    }

    private static boolean isAnnexB(ByteBuf payload) {
        return payload.readableBytes() > 4 && payload.getInt(payload.readerIndex()) == START_CODE;
    }

    private boolean hasParameterSets(ByteBuf annexB) {
        int to = annexB.writerIndex();
        int nal = AnnexB.nalStart(annexB, annexB.readerIndex(), to);
        for (int seen = 0; nal >= 0 && nal < to && seen < MAX_LEADING_NAL_UNITS; seen++) {
            byte header = annexB.getByte(nal);
            int type = hevc ? H265.nalType(header) : H264.nalType(header);
            if (type == (hevc ? H265.NAL_SPS : H264.NAL_SPS)) {
                return true;
            }
            boolean slice = hevc ? type < H265.NAL_VPS : type <= H264.NAL_IDR;
            if (slice) {
                return false;
            }
            nal = AnnexB.nalStart(annexB, AnnexB.nalEnd(annexB, nal, to), to);
        }
        return false;
    }

    /** The index after the encoder's own delimiter, if it starts with one. */
    private int afterDelimiter(ByteBuf annexB) {
        boolean own =
                hevc
                        ? H265.startsWithAccessUnitDelimiter(annexB)
                        : H264.startsWithAccessUnitDelimiter(annexB);
        if (!own) {
            return annexB.readerIndex();
        }
        int to = annexB.writerIndex();
        int end = AnnexB.nalEnd(annexB, AnnexB.nalStart(annexB, annexB.readerIndex(), to), to);
        return AnnexB.nalStart(annexB, end, to) < 0 ? to : end;
    }
}
