package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.wadi.amf.AmfValue;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.ts.TsTrack;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.Optional;
import java.util.Set;

/**
 * Turns audio and video tags into access units in elementary form, with times of 90 kHz: legacy and
 * enhanced tags, several audio tracks, codecs that change. Of several video tracks the first is
 * taken. Pure; one thread.
 */
public final class FlvDemuxer {
    private static final long TICKS_PER_MS = 90;

    /** 1e6 ns a ms by 90 ticks a ms. */
    private static final long NANOS_PER_90_TICKS = 1_000_000;

    /** Languages and their audio descriptions: what one PMT packet can name. */
    private static final int MAX_AUDIO_TRACKS = 16;

    private final AccessUnits out;
    private final FlvPacketReader packets = new FlvPacketReader();
    private final FlvPacketSink onPacket = this::onPacket;
    private final Map<Integer, ElementaryTrack> audio = new HashMap<>();
    private final Map<Integer, CodecId> audioCodecs = new HashMap<>();
    private final Map<Integer, String> languages = new HashMap<>();
    private final Set<String> refused = new HashSet<>();
    private ElementaryTrack video;
    private CodecId videoCodec;
    private int videoTrackId;

    private boolean started;
    private long lastMs;
    private long tagTicks;
    private ByteBuf body;
    private MalformedException failure;
    private long malformed;
    private long mostNegative;
    private long lastVideoDts = Long.MIN_VALUE;

    public FlvDemuxer(AccessUnits out) {
        this.out = out;
    }

    /**
     * Reads a video tag. A broken one is dropped and counted; what it broke is in {@link
     * #lastFailure}.
     *
     * @param timestampMs 32 bits, unsigned, wraps; steps of less than 24.8 days either way
     * @param tag the readable bytes are the tag's body; borrowed, may be changed in place, indices
     *     left alone
     */
    public void video(int timestampMs, ByteBuf tag) {
        read(timestampMs, tag, true);
    }

    /** Reads an audio tag, see {@link #video}. */
    public void audio(int timestampMs, ByteBuf tag) {
        read(timestampMs, tag, false);
    }

    private void read(int timestampMs, ByteBuf tag, boolean isVideo) {
        int readerIndex = tag.readerIndex();
        int writerIndex = tag.writerIndex();
        body = tag;
        tagTicks = unwrap(timestampMs) * TICKS_PER_MS;
        try {
            if (isVideo) {
                packets.readVideo(tag, onPacket);
            } else {
                packets.readAudio(tag, onPacket);
            }
        } catch (MalformedException e) {
            failed(e);
        } finally {
            tag.setIndex(readerIndex, writerIndex);
        }
    }

    /**
     * Takes {@code onMetaData}: the languages of the tracks (Enhanced RTMP v2,
     * audioTrackIdInfoMap).
     */
    public void metadata(AmfValue values) {
        values.get("audioTrackIdInfoMap")
                .ifPresent(tracks -> tracks.named().forEach(this::language));
    }

    private void language(String id, AmfValue track) {
        Optional<String> tag =
                track.get("language").or(() -> track.get("lang")).flatMap(AmfValue::text);
        int trackId = id.matches("\\d{1,3}") ? Integer.parseInt(id) : 256;
        if (tag.isPresent() && trackId < 256) {
            String language = iso639(tag.get());
            languages.put(trackId, language);
            ElementaryTrack known = audio.get(trackId);
            if (known != null) {
                known.setLanguage(language);
            }
        }
    }

    /** The ISO 639-2 code that TS has for a BCP 47 tag, "" when there is none. */
    private static String iso639(String tag) {
        try {
            return Locale.forLanguageTag(tag).getISO3Language();
        } catch (MissingResourceException e) {
            return "";
        }
    }

    /** Tells of every known track again. */
    public void repeatTracks() {
        if (video != null) {
            video.repeat();
        }
        audio.values().forEach(ElementaryTrack::repeat);
    }

    /** Tags and packets that were dropped because they were broken. */
    public long malformed() {
        return malformed;
    }

    /** What was wrong with the newest broken one. */
    public Optional<MalformedException> lastFailure() {
        return Optional.ofNullable(failure);
    }

    private void failed(MalformedException e) {
        malformed++;
        failure = e;
    }

    private long unwrap(int timestampMs) {
        lastMs =
                started
                        ? lastMs + (timestampMs - (int) lastMs)
                        : Integer.toUnsignedLong(timestampMs);
        started = true;
        return lastMs;
    }

    private void onPacket(FlvPacket packet) {
        ElementaryTrack track = packet.isVideo() ? videoTrack(packet) : audioTrack(packet);
        if (track == null) {
            return;
        }
        body.setIndex(packet.offset(), packet.offset() + packet.length());
        try {
            switch (packet.kind()) {
                case SEQUENCE_START -> track.configure(body);
                case CODED_FRAMES -> accessUnit(packet, track);
                case SEQUENCE_END,
                        METADATA,
                        MPEG2_TS_SEQUENCE_START,
                        MULTICHANNEL_CONFIG,
                        UNKNOWN -> {}
            }
        } catch (MalformedException e) {
            failed(e);
        }
    }

    private void accessUnit(FlvPacket packet, ElementaryTrack track) throws MalformedException {
        if (packet.length() == 0) {
            return;
        }
        long time = tagTicks + packet.nanosOffset() * TICKS_PER_MS / NANOS_PER_90_TICKS;
        if (!packet.isVideo()) {
            track.accessUnit(time, time, true, body);
            return;
        }
        long pts = time + packet.compositionTimeMs() * TICKS_PER_MS;
        track.accessUnit(pts, decodingTime(time, pts), packet.isKeyFrame(), body);
    }

    /**
     * A negative composition time says that the encoder's tags are later than they can be decoded:
     * from the first one on decoding times are earlier by as much, as far as they can be without
     * going backwards.
     */
    private long decodingTime(long time, long pts) {
        mostNegative = Math.min(mostNegative, pts - time);
        long dts = time + mostNegative;
        if (mostNegative < 0 && lastVideoDts != Long.MIN_VALUE && dts <= lastVideoDts) {
            dts = lastVideoDts - dts < TICKS_PER_MS * 1000 ? lastVideoDts + 1 : dts;
        }
        lastVideoDts = Math.min(dts, pts);
        return lastVideoDts;
    }

    private ElementaryTrack videoTrack(FlvPacket packet) {
        CodecId codec = packet.codec().codec().orElse(null);
        if (video != null && packet.trackId() != videoTrackId) {
            refuse("video track " + packet.trackId() + " beside track " + videoTrackId);
            return null;
        }
        if (codec == null || !codec.isVideo()) {
            refuse("video codec " + packet.codec());
            return null;
        }
        if (video == null || videoCodec != codec) {
            video = ElementaryTrack.of(codec, TsTrack.VIDEO_PID, "", out);
            videoCodec = codec;
            videoTrackId = packet.trackId();
        }
        return video;
    }

    private ElementaryTrack audioTrack(FlvPacket packet) {
        CodecId codec = packet.codec().codec().orElse(null);
        int id = packet.trackId();
        ElementaryTrack track = audio.get(id);
        if (track != null && audioCodecs.get(id) == codec) {
            return track;
        }
        if (codec == null || codec == CodecId.FLAC || codec.isVideo()) {
            refuse("audio codec " + packet.codec() + ", which MPEG-TS cannot carry");
            return null;
        }
        if (track == null && audio.size() >= MAX_AUDIO_TRACKS) {
            refuse("more than " + MAX_AUDIO_TRACKS + " audio tracks");
            return null;
        }
        int pid = track == null ? TsTrack.AUDIO_PID + audio.size() : track.pid();
        track = ElementaryTrack.of(codec, pid, languages.getOrDefault(id, ""), out);
        audio.put(id, track);
        audioCodecs.put(id, codec);
        return track;
    }

    private void refuse(String what) {
        if (refused.size() < MAX_AUDIO_TRACKS && refused.add(what)) {
            out.onUnsupported(what);
        }
    }
}
