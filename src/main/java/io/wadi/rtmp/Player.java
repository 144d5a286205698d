package io.wadi.rtmp;

import io.wadi.amf.AmfValue;

import java.time.Duration;
import java.util.List;

/**
 * The playing side of a {@link Session}: answers play, pause, seek and what ends them (RTMP
 * §7.2.2), heeds acknowledgements, and lets the fan-out send the media. On the connection's event
 * loop.
 *
 * <p>A connection plays one stream at a time; another play takes the place of the one before.
 */
final class Player {
    /** How long a player may leave a full window unacknowledged. */
    static final Duration MAX_UNACKNOWLEDGED = Duration.ofSeconds(30);

    private final Session.Wire wire;
    private final MessageWriter messages;
    private final KnownCodecs known;
    private final String userAgent;
    private final SendWindow window = new SendWindow(Session.WINDOW);
    private PlayOutput output;
    private Playback playback;
    private int streamId;
    private boolean paused;
    private boolean held;

    /** Media bytes of playbacks that have ended. */
    private long endedBytes;

    private long acknowledgements;

    Player(Session.Wire wire, MessageWriter messages, KnownCodecs known, String userAgent) {
        this.wire = wire;
        this.messages = messages;
        this.known = known;
        this.userAgent = userAgent;
    }

    boolean isPlaying() {
        return playback != null;
    }

    /** Whether it plays on this message stream; 0 is the connection with all its streams. */
    boolean isPlayingOn(int messageStreamId) {
        return isPlaying() && (messageStreamId == streamId || messageStreamId == 0);
    }

    /**
     * Answers play and begins to send.
     *
     * @param reset whether the player asked to forget what it played before (§7.2.2.1)
     */
    void play(PlayOutput next, int onStreamId, boolean reset) {
        stop();
        output = next;
        streamId = onStreamId;
        messages.userControl(MessageWriter.STREAM_BEGIN, streamId, wire.out());
        if (reset) {
            status(StatusCode.PLAY_RESET, "Playing and resetting " + output.path() + ".");
        }
        status(StatusCode.PLAY_START, "Started playing " + output.path() + ".");
        // What follows is written past this connection's own buffer.
        wire.flush();
        playback = output.play(wire.channel(), streamId, known, userAgent, this::needsUnknownCodec);
    }

    private void needsUnknownCodec(String fourCc) {
        String reason =
                "the stream has "
                        + fourCc
                        + ", which this player does not announce (Enhanced RTMP, fourCcList)";
        messages.status(streamId, wire.out(), "onStatus", "error", StatusCode.PLAY_FAILED, reason);
        wire.close(reason);
    }

    /** Answers what a player says of the stream that it plays. */
    void command(String name, double transaction, List<AmfValue> values) {
        switch (name) {
            case "pause", "pauseRaw" -> pause(flag(values));
            case "seek" -> restart("A live stream plays where it is.");
            // Players share what is sent, so nothing can be left out for one of them. That the
            // media comes again is what §7.2.2.4 wants to be told.
            case "receiveAudio", "receiveVideo" -> {
                if (flag(values)) {
                    restart("All of the stream is sent.");
                }
            }
            default -> throw new IllegalArgumentException(name + " is no command of a player");
        }
        if (transaction != 0) {
            AmfValue nothing = new AmfValue.Null();
            messages.command(0, wire.out(), "_result", transaction, nothing, nothing);
        }
    }

    private static boolean flag(List<AmfValue> values) {
        return values.size() > 3 && values.get(3) instanceof AmfValue.Bool(boolean on) && on;
    }

    private void pause(boolean on) {
        paused = on;
        status(
                on ? StatusCode.PAUSE_NOTIFY : StatusCode.UNPAUSE_NOTIFY,
                on ? "Paused." : "Playing on, live.");
        wire.flush();
        adjust();
    }

    /** From the newest key frame on: the player has thrown away what it had. */
    private void restart(String text) {
        status(StatusCode.SEEK_NOTIFY, text);
        status(StatusCode.PLAY_START, "Started playing " + output.path() + ".");
        wire.flush();
        if (!held) {
            playback.hold();
            playback.release();
        }
    }

    /** The player acknowledged what it got (§5.4.3). */
    void acknowledged(int sequence, long controlBytes) {
        acknowledgements++;
        long mediaBytes = endedBytes + (playback == null ? 0 : playback.sentBytes());
        window.acknowledge(sequence, controlBytes + mediaBytes);
        if (playback != null) {
            adjust();
        }
    }

    private void adjust() {
        boolean hold = paused || window.isFull();
        if (hold != held) {
            held = hold;
            if (hold) {
                playback.hold();
            } else {
                playback.release();
            }
            if (window.isFull()) {
                long before = acknowledgements;
                wire.schedule(() -> expect(before), MAX_UNACKNOWLEDGED);
            }
        }
    }

    private void expect(long before) {
        if (playback != null && window.isFull() && acknowledgements == before) {
            wire.close("the player acknowledges nothing any more");
        }
    }

    /** Stops sending; the player may play something else. */
    void stop() {
        if (playback == null) {
            return;
        }
        endedBytes += playback.sentBytes();
        playback.stop();
        playback = null;
        paused = false;
        held = false;
        messages.userControl(MessageWriter.STREAM_EOF, streamId, wire.out());
        status(StatusCode.PLAY_STOP, "Stopped playing " + output.path() + ".");
    }

    private void status(String code, String text) {
        messages.status(streamId, wire.out(), "onStatus", "status", code, text);
    }
}
