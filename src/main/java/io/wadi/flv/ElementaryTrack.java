package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.ts.TsTrack;

/**
 * Turns the packets of one track and codec into access units in elementary form. One that throws
 * loses that packet, no more. Packets and configuration records are those of MP4, which Enhanced
 * RTMP has taken over, so samples of MP4 can be given as they are.
 */
public abstract sealed class ElementaryTrack
        permits NalTrack, Av1Track, Vp9Track, AacTrack, OpusTrack, SyncFrameTrack {
    private final int pid;
    private final AccessUnits out;
    private String language;
    private TsTrack track;

    ElementaryTrack(int pid, String language, AccessUnits out) {
        this.pid = pid;
        this.language = language;
        this.out = out;
    }

    /**
     * The track of a codec.
     *
     * @param pid that it is declared with
     * @param language ISO 639-2 code, "" when not known
     * @throws IllegalArgumentException for a codec that MPEG-TS cannot carry
     */
    public static ElementaryTrack of(CodecId codec, int pid, String language, AccessUnits out) {
        return switch (codec) {
            case H264 -> new NalTrack(false, pid, out);
            case H265 -> new NalTrack(true, pid, out);
            case AV1 -> new Av1Track(pid, out);
            case VP9 -> new Vp9Track(pid, out);
            case AAC -> new AacTrack(pid, language, out);
            case OPUS -> new OpusTrack(pid, language, out);
            case MP3, AC3, EAC3 -> new SyncFrameTrack(codec, pid, language, out);
            case FLAC -> throw new IllegalArgumentException("MPEG-TS cannot carry " + codec);
        };
    }

    /** Takes the configuration record; borrows its readable bytes. */
    public abstract void configure(ByteBuf config) throws MalformedException;

    /**
     * Passes an access unit on.
     *
     * @param payload the readable bytes are the packet; may be changed in place
     */
    public abstract void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload)
            throws MalformedException;

    /** How the PMT declares the track. */
    abstract TsTrack describe(int pid, String language);

    int pid() {
        return pid;
    }

    AccessUnits out() {
        return out;
    }

    /** The declared track; declares it on first use. */
    TsTrack track() {
        if (track == null) {
            declare();
        }
        return track;
    }

    /** Tells of the track if it is new or not as it was. */
    void declare() {
        TsTrack described = describe(pid, language);
        if (!described.equals(track)) {
            track = described;
            out.onTrack(track);
        }
    }

    void setLanguage(String language) {
        this.language = language;
        if (track != null) {
            declare();
        }
    }

    /** Tells of the track again, for somebody who was not there. */
    void repeat() {
        if (track != null) {
            out.onTrack(track);
        }
    }
}
