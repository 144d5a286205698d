package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.wadi.amf.AmfValue;
import io.wadi.flv.AccessUnits;
import io.wadi.flv.FlvDemuxer;
import io.wadi.ring.AccessUnitWriter;
import io.wadi.ts.TsTrack;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The media of one publishing connection. Goes on knowing its tracks while no consumer takes them,
 * so that a restarted route joins without the publisher noticing. All but what says otherwise runs
 * on the connection's event loop.
 */
final class Publisher implements AccessUnits {
    /** What the session does for its publisher. */
    interface Connection extends Executor {
        /** The stream is free now: tell the publisher to start. */
        void started();

        /** Tells the publisher why, and closes. */
        void refuse(String code, String reason);

        /** The consumer is gone: keep the connection for a while. */
        void consumerGone();

        String peer();
    }

    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    private final PublishTarget target;
    private final Connection connection;
    private final FlvDemuxer demuxer = new FlvDemuxer(this);
    private PublishInput input;
    private AccessUnitWriter writer;
    private AmfValue metadata = new AmfValue.Null();
    private boolean begun;
    private boolean awaitingRandomAccess;
    private long arrivalNanos;
    private boolean malformedTold;

    Publisher(PublishTarget target, Connection connection) {
        this.target = target;
        this.connection = connection;
    }

    PublishTarget target() {
        return target;
    }

    /** Whether the client was told to start. */
    boolean hasBegun() {
        return begun;
    }

    /** Feeds an input when the one that feeds it now has let go. */
    void waitFor(PublishInput busy) {
        input = busy;
    }

    /** Feeds an input from now on. */
    void begin(PublishInput to) {
        begun = true;
        input = to;
        writer = to.writer();
        writer.startSource();
        expectKinds();
        awaitingRandomAccess = true;
        demuxer.repeatTracks();
    }

    /**
     * Lets go of the input: it may have the next publisher after this.
     *
     * @param failed whether the connection broke, rather than that the publisher stopped
     */
    void end(boolean failed, String reason) {
        AccessUnitWriter last = writer;
        writer = null;
        PublishInput from = input;
        input = null;
        if (last != null && !from.hasNext()) {
            if (failed) {
                last.failSource(reason);
            } else {
                last.endSource(reason);
            }
        }
        if (from != null) {
            from.release(this);
        }
    }

    /** Another publisher waits for the stream. Any thread. */
    void yieldTo() {
        refuse("another publisher took the stream over");
    }

    /** The input is this publisher's. Any thread. */
    void granted(PublishInput to) {
        execute(
                () -> {
                    if (input == to) {
                        begin(to);
                        connection.started();
                    }
                });
    }

    /** The input ended before this publisher's turn. Any thread. */
    void refused() {
        refuse("the stream is not accepted any more");
    }

    private void refuse(String reason) {
        execute(
                () -> {
                    if (input != null) {
                        connection.refuse(StatusCode.PUBLISH_BAD_NAME, reason);
                    }
                });
    }

    /**
     * The consumer stops. Any thread.
     *
     * @return done when the writer is not touched any more
     */
    CompletableFuture<Void> consumerStops() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            connection.execute(
                    () -> {
                        boolean feeding = input != null;
                        writer = null;
                        input = null;
                        done.complete(null);
                        if (feeding) {
                            connection.consumerGone();
                        }
                    });
        } catch (RejectedExecutionException _) {
            done.complete(null); // the event loops are gone, and their tasks with them
        }
        return done;
    }

    /** Runs on the connection's event loop; not at all when that is gone. Any thread. */
    private void execute(Runnable task) {
        try {
            connection.execute(task);
        } catch (RejectedExecutionException _) {
            LOG.debug("{} is closing", connection.peer());
        }
    }

    void metadata(AmfValue values) {
        metadata = values;
        demuxer.metadata(values);
        expectKinds();
    }

    /** Encoders name the codecs of the tracks that they have, FFmpeg and OBS among them. */
    private void expectKinds() {
        boolean audio = metadata.get("audiocodecid").isPresent();
        boolean video = metadata.get("videocodecid").isPresent();
        if (writer != null && audio != video) {
            writer.expect(audio, video);
        }
    }

    void audio(int timestampMs, long nowNanos, ByteBuf tag) {
        arrivalNanos = nowNanos;
        demuxer.audio(timestampMs, tag);
        tellMalformed();
    }

    void video(int timestampMs, long nowNanos, ByteBuf tag) {
        arrivalNanos = nowNanos;
        demuxer.video(timestampMs, tag);
        tellMalformed();
    }

    private void tellMalformed() {
        if (!malformedTold && demuxer.malformed() > 0) {
            malformedTold = true;
            LOG.warn(
                    "rtmp: {} from {} sends broken packets, which are dropped: {}",
                    name(),
                    connection.peer(),
                    demuxer.lastFailure().map(Throwable::getMessage).orElse(""));
        }
    }

    String name() {
        return input == null ? target.toString() : input.path();
    }

    @Override
    public void onTrack(TsTrack track) {
        if (writer != null) {
            writer.track(track);
        }
    }

    @Override
    public void onAccessUnit(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            ByteBuf prefix,
            ByteBuf payload) {
        if (writer == null) {
            return;
        }
        if (awaitingRandomAccess && track.isVideo()) {
            if (!randomAccess) {
                return; // joined in the middle of a GOP: nobody could decode it
            }
            awaitingRandomAccess = false;
        }
        writer.write(track, pts, dts, randomAccess, arrivalNanos, prefix, payload);
    }

    @Override
    public void onUnsupported(String what) {
        LOG.warn("rtmp: {} from {}: dropped {}", name(), connection.peer(), what);
    }
}
