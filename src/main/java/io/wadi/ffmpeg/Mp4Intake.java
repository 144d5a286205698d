package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.flv.AccessUnits;
import io.wadi.flv.ElementaryTrack;
import io.wadi.fmp4.Fmp4StreamReader;
import io.wadi.fmp4.TrackHeader;
import io.wadi.ring.AccessUnitWriter;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;
import io.wadi.ts.TsTrack;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes what FFmpeg sends as fragmented MP4 into media memory, an access unit a unit, as publishers
 * of RTMP bring them. For the codecs that FFmpeg cannot name in MPEG-TS. One thread; one life of
 * the encoder.
 */
final class Mp4Intake implements AutoCloseable, Fmp4StreamReader.Sink, AccessUnits {
    private static final Logger LOG = LoggerFactory.getLogger(Mp4Intake.class);

    private final String name;
    private final AccessUnitWriter writer;
    private final Fmp4StreamReader reader = new Fmp4StreamReader(this);
    private final Map<Integer, ElementaryTrack> tracks = new HashMap<>();
    private long arrivalNanos;
    private boolean told;

    /**
     * @param name for the log
     */
    Mp4Intake(String name, UnitSink sink) {
        this.name = name;
        this.writer = new AccessUnitWriter(new UnitWriter(), sink);
    }

    /**
     * Room for so many bytes at the returned buffer's writer index; borrowed until {@link #end}.
     */
    ByteBuf begin(int bytes) {
        return reader.begin(bytes);
    }

    /**
     * Passes on what was written since {@link #begin}.
     *
     * @throws IOException when it is no MP4
     */
    void end(long nanos) throws IOException {
        arrivalNanos = nanos;
        try {
            reader.end();
        } catch (MalformedException e) {
            LOG.warn("{}: what FFmpeg sent cannot be read: {}", name, e.getMessage());
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void onTracks(List<TrackHeader> headers) {
        tracks.clear();
        writer.startSource();
        writer.expect(
                headers.stream().anyMatch(header -> isKind(header, false)),
                headers.stream().anyMatch(header -> isKind(header, true)));
        int sounds = 0;
        boolean pictures = false;
        for (TrackHeader header : headers) {
            boolean video = isKind(header, true);
            if ((!video && !isKind(header, false)) || (video && pictures)) {
                onUnsupported("a track that MPEG-TS cannot carry: " + header);
                continue;
            }
            pictures |= video;
            int pid = video ? TsTrack.VIDEO_PID : TsTrack.AUDIO_PID + sounds++;
            add(header, pid);
        }
    }

    private static boolean isKind(TrackHeader header, boolean video) {
        return header.codec()
                .filter(codec -> codec.isVideo() == video && codec != CodecId.FLAC)
                .isPresent();
    }

    private void add(TrackHeader header, int pid) {
        String language = header.language().equals("und") ? "" : header.language();
        CodecId codec = header.codec().orElseThrow();
        ElementaryTrack track = ElementaryTrack.of(codec, pid, language, this);
        try {
            track.configure(Unpooled.wrappedBuffer(header.config().toArray()));
            tracks.put(header.id(), track);
        } catch (MalformedException e) {
            onUnsupported("a track without a configuration: " + e.getMessage());
        }
    }

    @Override
    public void onSample(TrackHeader header, long pts, long dts, boolean sync, ByteBuf sample) {
        ElementaryTrack track = tracks.get(header.id());
        if (track == null || !sample.isReadable()) {
            return;
        }
        try {
            track.accessUnit(pts, isInOrder(header) ? pts : Math.min(dts, pts), sync, sample);
        } catch (MalformedException e) {
            tell("a broken access unit", e.getMessage());
        }
    }

    /**
     * Temporal units of AV1 and frames of VP9 come in the order in which they are shown, so that
     * they are decoded when they are shown; some encoders have decoding times before that all the
     * same (AV1 in ISOBMFF §2.4: composition offsets are not used).
     */
    private static boolean isInOrder(TrackHeader header) {
        CodecId codec = header.codec().orElseThrow();
        return codec == CodecId.AV1 || codec == CodecId.VP9;
    }

    @Override
    public void onTrack(TsTrack track) {
        writer.track(track);
    }

    @Override
    public void onAccessUnit(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            ByteBuf prefix,
            ByteBuf payload) {
        writer.write(track, pts, dts, randomAccess, arrivalNanos, prefix, payload);
    }

    @Override
    public void onUnsupported(String what) {
        LOG.warn("{}: FFmpeg sent {}; it is left out", name, what);
    }

    /** Once a life: what is broken once is so often. */
    private void tell(String what, String why) {
        if (!told) {
            told = true;
            LOG.warn("{}: FFmpeg sent {}: {}; such are left out", name, what, why);
        }
    }

    @Override
    public void close() {
        reader.close();
        writer.close();
    }
}
