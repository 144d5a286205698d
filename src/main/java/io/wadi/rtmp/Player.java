package io.wadi.rtmp;

import io.wadi.amf.AmfValue;
import io.wadi.fanout.Viewer;

import java.time.Duration;
import java.util.List;

/**
 * The playing side of a {@link Session}: answers play, pause and seek (RTMP §7.2.2) and lets the
 * fan-out send the media. On the connection's event loop.
 */
final class Player {
    private final Session.Wire wire;
    private final MessageWriter messages;
    private final PlayOutput output;
    private final int streamId;
    private Viewer viewer;
    private boolean paused;

    Player(Session.Wire wire, MessageWriter messages, PlayOutput output, int streamId) {
        this.wire = wire;
        this.messages = messages;
        this.output = output;
        this.streamId = streamId;
    }

    /** Answers play and begins to send. */
    void start(boolean enhanced, String userAgent) {
        messages.userControl(MessageWriter.STREAM_BEGIN, streamId, wire.out());
        status(StatusCode.PLAY_RESET, "Playing and resetting " + output.path() + ".");
        status(StatusCode.PLAY_START, "Started playing " + output.path() + ".");
        // What follows is written past this connection's own buffer.
        wire.flush();
        viewer = output.play(wire.channel(), streamId, enhanced, userAgent, this::needsEnhanced);
    }

    private void needsEnhanced() {
        String reason =
                "the stream's codecs need Enhanced RTMP, which this player does not announce";
        wire.execute(
                () -> {
                    messages.status(
                            streamId,
                            wire.out(),
                            "onStatus",
                            "error",
                            StatusCode.PLAY_FAILED,
                            reason);
                    wire.close(reason);
                });
    }

    /** Answers pause and seek. */
    void command(String name, double transaction, List<AmfValue> values) {
        switch (name) {
            case "pause", "pauseRaw" ->
                    pause(
                            values.size() > 3
                                    && values.get(3) instanceof AmfValue.Bool(boolean on)
                                    && on);
            case "seek" -> status(StatusCode.SEEK_NOTIFY, "A live stream plays where it is.");
            default -> {
                // receiveAudio, receiveVideo: all or nothing, since players share what is sent
            }
        }
        if (transaction != 0) {
            messages.command(
                    0,
                    wire.out(),
                    "_result",
                    transaction,
                    new AmfValue.Null(),
                    new AmfValue.Null());
        }
    }

    private void pause(boolean on) {
        if (on != paused) {
            paused = on;
            output.pause(viewer, on);
        }
        status(
                on ? StatusCode.PAUSE_NOTIFY : StatusCode.UNPAUSE_NOTIFY,
                on ? "Paused." : "Playing on, live.");
    }

    private void status(String code, String text) {
        messages.status(streamId, wire.out(), "onStatus", "status", code, text);
    }

    /** A player that stops is done with its connection. */
    void stop() {
        wire.schedule(() -> wire.close("the player stopped"), Duration.ZERO);
    }
}
