package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.Aac;
import io.wadi.codec.AnnexB;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.Av1;
import io.wadi.codec.CodecId;
import io.wadi.codec.FormatProbe;
import io.wadi.codec.MalformedException;
import io.wadi.codec.Opus;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ts.Pts33;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes FLV tag bodies of the first video and the first audio track of a transport stream: legacy
 * tags for H.264, AAC and MP3, Enhanced RTMP for the rest. Nothing is emitted before the formats of
 * what comes are known; video starts with a key frame. The counterpart of {@link FlvDemuxer}. One
 * thread; give it back with {@link #close}.
 */
public final class FlvMuxer implements TsDemuxer.Output, AutoCloseable {
    /** Takes what FLV, HTTP-FLV and RTMP put on the wire. All bodies are borrowed for the call. */
    public interface Output {
        /** The body of a script tag: onMetaData. Comes before the first header, and on changes. */
        void onMetadata(ByteBuf body);

        /**
         * The sequence header of a track, before its first tag and on changes.
         *
         * @param type {@link FlvTags#AUDIO} or {@link FlvTags#VIDEO}
         */
        void onSequenceHeader(int type, ByteBuf body);

        /**
         * One access unit.
         *
         * @param type {@link FlvTags#AUDIO} or {@link FlvTags#VIDEO}
         * @param timestampMs decoding time since the first access unit, never less than the one
         *     before of the same type
         */
        void onTag(int type, long timestampMs, boolean keyFrame, ByteBuf body);
    }

    private static final int TICKS_PER_MS = 90;

    /** Largest body of an FLV tag: a 24-bit size. */
    private static final int MAX_BODY = 0xFFFFFF;

    /** A track of the program and what was told of it. */
    private static final class Track {
        final int pid;
        final int type;
        final FlvCodec codec;
        final FormatProbe probe;
        TrackFormat told;
        long lastMs;

        Track(TsTrack track, CodecId codec) {
            this.pid = track.pid();
            this.type = codec.isVideo() ? FlvTags.VIDEO : FlvTags.AUDIO;
            this.codec = FlvCodec.of(codec);
            this.probe = FormatProbe.of(codec);
        }
    }

    private final Output output;
    private final TsDemuxer demuxer = new TsDemuxer(this);
    private final ByteBuf body = PooledByteBufAllocator.DEFAULT.directBuffer(4096, MAX_BODY);
    private Track video;
    private Track audio;
    private long baseTicks = Pts33.NO_TIME;

    public FlvMuxer(Output output) {
        this.output = output;
    }

    /**
     * Takes transport stream packets; borrows them.
     *
     * @param accessUnit whether they are exactly one access unit, which is emitted at once then
     */
    public void push(ByteBuf packets, int offset, int length, boolean accessUnit) {
        demuxer.push(packets, offset, length);
        if (accessUnit) {
            demuxer.flush();
        }
    }

    @Override
    public void onProgram(TsProgram program) {
        video = track(program, true, video);
        audio = track(program, false, audio);
    }

    private static Track track(TsProgram program, boolean wantVideo, Track before) {
        for (TsTrack track : program.tracks()) {
            if (track.codec().isPresent() && track.codec().get().isVideo() == wantVideo) {
                CodecId codec = track.codec().get();
                boolean same =
                        before != null
                                && before.pid == track.pid()
                                && before.codec == FlvCodec.of(codec);
                return same ? before : next(new Track(track, codec), before);
            }
        }
        return null;
    }

    private static Track next(Track track, Track before) {
        track.lastMs = before == null ? 0 : before.lastMs;
        return track;
    }

    @Override
    public void onAccessUnit(
            TsTrack from, long pts, long dts, boolean randomAccess, ByteBuf payload) {
        Track track = video != null && from.pid() == video.pid ? video : audio;
        if (track == null || track.pid != from.pid() || dts == Pts33.NO_TIME) {
            return;
        }
        boolean keyFrame = track == video && randomAccess;
        if (keyFrame || track == audio || track.told == null) {
            track.probe.inspect(payload);
        }
        TrackFormat format = track.probe.format().orElse(null);
        if (format == null || (track.told == null && !randomAccess)) {
            return;
        }
        try {
            if (!format.equals(track.told)) {
                announce(track, format);
            }
            emit(track, pts, dts, keyFrame, payload);
        } catch (MalformedException damaged) {
            // This access unit is left out; the next one stands on its own.
        } finally {
            body.clear();
        }
    }

    private void emit(Track track, long pts, long dts, boolean keyFrame, ByteBuf payload)
            throws MalformedException {
        if (payload.readableBytes() > MAX_BODY / 2) {
            throw new MalformedException(
                    "access unit size", payload.readableBytes(), "at most " + MAX_BODY / 2);
        }
        if (baseTicks == Pts33.NO_TIME) {
            baseTicks = dts;
        }
        long ms = Math.max(track.lastMs, Math.floorDiv(dts - baseTicks, TICKS_PER_MS));
        track.lastMs = ms;
        body.clear();
        if (track.type == FlvTags.VIDEO) {
            int composition = (int) Math.max(0, (pts - dts) / TICKS_PER_MS);
            header(track, FlvPacket.Kind.CODED_FRAMES, keyFrame, composition);
        } else {
            header(track, FlvPacket.Kind.CODED_FRAMES, false, 0);
        }
        payload(track.codec, payload);
        output.onTag(track.type, ms, keyFrame, body);
    }

    private void header(Track track, FlvPacket.Kind kind, boolean keyFrame, int composition) {
        boolean legacy = FlvPacketWriter.isLegacy(track.codec);
        if (track.type == FlvTags.VIDEO && legacy) {
            FlvPacketWriter.legacyVideo(track.codec, kind, keyFrame, composition, body);
        } else if (track.type == FlvTags.VIDEO) {
            FlvPacketWriter.video(track.codec, kind, keyFrame, composition, body);
        } else if (legacy) {
            FlvPacketWriter.legacyAudio(track.codec, kind, body);
        } else {
            FlvPacketWriter.audio(track.codec, kind, body);
        }
    }

    private void payload(FlvCodec codec, ByteBuf from) throws MalformedException {
        int index = from.readerIndex();
        switch (codec) {
            case AVC -> AnnexB.toLengthPrefixed(CodecId.H264, from, body, false);
            case HEVC -> AnnexB.toLengthPrefixed(CodecId.H265, from, body, false);
            case AV1 -> index = Av1.afterTemporalDelimiter(from);
            case AAC -> index += Aac.headerSize(from, index);
            default -> {}
        }
        if (codec != FlvCodec.AVC && codec != FlvCodec.HEVC) {
            body.writeBytes(from, index, from.writerIndex() - index);
        }
    }

    private void announce(Track track, TrackFormat format) throws MalformedException {
        track.told = format;
        body.clear();
        Amf0.write(new AmfValue.Text("onMetaData"), body);
        Amf0.write(new AmfValue.EcmaArray(metadata()), body);
        output.onMetadata(body);
        if (format.codec() == CodecId.MP3
                || format.codec() == CodecId.AC3
                || format.codec() == CodecId.EAC3) {
            return;
        }
        body.clear();
        header(track, FlvPacket.Kind.SEQUENCE_START, true, 0);
        if (format.codec() == CodecId.OPUS) {
            body.writeBytes(Opus.opusHead(format.config()));
        } else {
            format.config().writeTo(body);
        }
        output.onSequenceHeader(track.type, body);
    }

    private Map<String, AmfValue> metadata() {
        Map<String, AmfValue> values = new LinkedHashMap<>();
        if (video != null && video.told instanceof VideoFormat format) {
            values.put("width", new AmfValue.Num(format.width()));
            values.put("height", new AmfValue.Num(format.height()));
            if (format.frameRate() > 0) {
                values.put("framerate", new AmfValue.Num(format.frameRate()));
            }
            values.put("videocodecid", codecNumber(video.codec));
        }
        if (audio != null && audio.told instanceof AudioFormat format) {
            values.put("audiosamplerate", new AmfValue.Num(format.sampleRate()));
            values.put("audiosamplesize", new AmfValue.Num(16));
            values.put("audiochannels", new AmfValue.Num(format.channels()));
            values.put("stereo", new AmfValue.Bool(format.channels() > 1));
            values.put("audiocodecid", codecNumber(audio.codec));
        }
        values.put("encoder", new AmfValue.Text("Wadi"));
        return values;
    }

    /** The legacy number, or the FourCC as a number (Enhanced RTMP, "Metadata Frame"). */
    private static AmfValue codecNumber(FlvCodec codec) {
        boolean legacy = FlvPacketWriter.isLegacy(codec);
        return new AmfValue.Num(legacy ? codec.legacyId() : codec.fourCcInt());
    }

    @Override
    public void close() {
        body.release();
    }
}
