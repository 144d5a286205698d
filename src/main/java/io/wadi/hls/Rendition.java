package io.wadi.hls;

import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResponse;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.UnitSink;

import java.util.List;

/**
 * One rung of a stream, or the whole of a stream without a ladder. Fed by one thread, served on
 * any.
 */
interface Rendition extends UnitSink, AutoCloseable {
    /** {@code track_n}, or "" for the stream itself. */
    String name();

    /** Whether there is a segment that this rendition made. */
    boolean isReady();

    /** Whether there is a segment to play, be it of a rendition that this one follows. */
    boolean isPlayable();

    /** The playlist of the stream when this is all there is. */
    Document index();

    /** What the master playlist says of this rendition; nothing while it is not ready. */
    List<Description> describe();

    /**
     * What the master playlist says of this rendition while it is made on demand and is not.
     *
     * @param offer of its maker
     */
    Description promise(RenditionOffer offer);

    /**
     * Answers a request for one of this rendition's files other than {@code index.m3u8}.
     *
     * @param file below the rendition, without a slash
     * @return bytes that were sent, or -1 when this rendition has no such file
     */
    int serve(String file, MediaRequest request, MediaResponse response);

    /**
     * A variant of the master playlist (RFC 8216 §4.3.4.2).
     *
     * @param playlist the variant's playlist, seen from the rendition
     * @param peakBps the highest bitrate of any segment, audio included
     * @param averageBps over all segments, audio included
     * @param codecs RFC 6381, empty while not known
     * @param width 0 while not known or without video
     * @param height 0 while not known or without video
     * @param frameRate 0 while not known or without video
     * @param independent whether every segment starts with a random access point
     * @param audio what is not in the variant's own segments, the default first
     */
    record Description(
            String playlist,
            long peakBps,
            long averageBps,
            List<String> codecs,
            int width,
            int height,
            double frameRate,
            boolean independent,
            List<Alternative> audio) {
        public Description {
            codecs = List.copyOf(codecs);
            audio = List.copyOf(audio);
        }

        /** Of what is offered and not made yet. */
        static Description promised(
                String playlist, RenditionOffer offer, List<Alternative> audio) {
            return new Description(
                    playlist,
                    offer.peakBps(),
                    offer.averageBps(),
                    offer.codecs(),
                    offer.width(),
                    offer.height(),
                    offer.frameRate(),
                    true,
                    audio);
        }
    }

    /**
     * An audio track with segments of its own (RFC 8216 §4.3.4.1).
     *
     * @param playlist seen from the rendition
     * @param language ISO 639-2 code, "" when not known
     * @param channels 0 while not known
     */
    record Alternative(String playlist, String language, int channels) {}

    /** Nobody feeds any more: what was made can still be served. */
    void retire();

    /** Gives everything back, after {@link #retire}. */
    @Override
    void close();
}
