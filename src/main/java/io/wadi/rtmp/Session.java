package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.MalformedException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One connection after its handshake: answers commands, hands media to its {@link Publisher}, or
 * has its {@link Player} served. On the connection's event loop; what it sends goes to {@link
 * Wire}.
 *
 * <p>The commands are those of the RTMP specification §7.2 and what encoders of the FMLE kind add
 * to them: releaseStream, FCPublish, FCUnpublish, _checkbw, getStreamLength.
 */
final class Session implements MessageSink, Publisher.Connection {
    /** The connection that carries the session. */
    interface Wire {
        /** Where messages are written to; sent by {@link #flush}. */
        ByteBuf out();

        void flush();

        /** Sends what was written and closes. */
        void close(String reason);

        /** Runs on the connection's event loop. */
        void execute(Runnable task);

        /** Runs on the connection's event loop later. */
        void schedule(Runnable task, Duration delay);

        String peer();

        /** Where a player's media is sent to. */
        Channel channel();
    }

    /** What a listener does for its sessions. */
    interface Host {
        /** The input that a target names or has the key of. */
        Lookup find(PublishTarget target);

        /** What players get under a target. */
        Optional<PlayOutput> findOutput(PublishTarget target);

        /** The session publishes. */
        void publishing(Session session, String path);

        /** The session may not publish; it is told so. */
        void refused(Session session, PublishTarget target, String reason);

        /** Keeps a publisher whose consumer is gone, for a new one to come. */
        void hold(Session session, String path);

        /** The session's publisher ended, held or not. */
        void ended(Session session, String path, String reason);
    }

    /** What a look-up found: an input, or why there is none. */
    record Lookup(PublishInput input, String code, String reason) {}

    /** Bytes between acknowledgements, both ways: FMS's default. */
    static final int WINDOW = 2_500_000;

    /** Encoders send five to ten commands before they publish. */
    static final int MAX_COMMANDS_BEFORE_PUBLISH = 64;

    /** One to publish, some that clients open in advance. */
    private static final int MAX_STREAMS = 8;

    private static final AmfValue NULL = new AmfValue.Null();

    private final Wire wire;
    private final Host host;
    private final MessageWriter messages = new MessageWriter();
    private boolean connected;
    private String app = "";
    private String tcUrl = "";
    private int commands;
    private int openStreams;
    private int lastStreamId;
    private int publishStreamId;
    private Publisher publisher;
    private Player player;
    private KnownCodecs known = KnownCodecs.of(NULL);
    private String userAgent = "";

    /** The path under which the publisher is or was registered, "" before that. */
    private String path = "";

    private boolean announced;

    /** Media of the publisher has come. */
    private boolean mediaCame;

    private boolean closed;
    private long nowNanos;

    Session(Wire wire, Host host) {
        this.wire = wire;
        this.host = host;
    }

    /** When what is read now has arrived, {@link System#nanoTime()}. */
    void arrived(long nanos) {
        nowNanos = nanos;
    }

    MessageWriter messages() {
        return messages;
    }

    boolean isPublishing() {
        return announced;
    }

    /** Whether it publishes and has begun to send media. */
    boolean takesMedia() {
        return mediaCame && announced;
    }

    /** A consumer of the held publisher's name came back. */
    void resume(PublishInput input) {
        if (publisher == null) {
            return; // it went away while this was on its way here
        }
        PublishTarget target = publisher.target();
        if (input.allows(target) || input.isKeyOf(target)) {
            offer(input);
        } else {
            refuse(StatusCode.PUBLISH_DENIED, "the stream has another key now");
        }
    }

    boolean isPlaying() {
        return player != null && player.isPlaying();
    }

    /**
     * The peer acknowledged what it got.
     *
     * @param sentBytes all but media
     */
    void acknowledged(int sequence, long sentBytes) {
        if (player != null) {
            player.acknowledged(sequence, sentBytes);
        }
    }

    @Override
    public void onMessage(int type, int streamId, int timestampMs, ByteBuf payload)
            throws MalformedException {
        if (closed) {
            return;
        }
        switch (type) {
            case MessageType.AUDIO -> {
                if (publisher != null) {
                    mediaCame = true;
                    publisher.audio(timestampMs, nowNanos, payload);
                }
            }
            case MessageType.VIDEO -> {
                if (publisher != null) {
                    mediaCame = true;
                    publisher.video(timestampMs, nowNanos, payload);
                }
            }
            case MessageType.COMMAND_AMF0 -> command(streamId, payload);
            case MessageType.COMMAND_AMF3 -> {
                payload.skipBytes(Math.min(1, payload.readableBytes())); // format selector 0
                command(streamId, payload);
            }
            case MessageType.DATA_AMF0 -> data(payload);
            case MessageType.DATA_AMF3 -> {
                payload.skipBytes(Math.min(1, payload.readableBytes()));
                data(payload);
            }
            case MessageType.USER_CONTROL -> userControl(payload);
            default -> {
                // shared objects and what later specifications add
            }
        }
    }

    private void userControl(ByteBuf payload) {
        if (payload.readableBytes() >= 6
                && payload.readUnsignedShort() == MessageWriter.PING_REQUEST) {
            messages.userControl(MessageWriter.PING_RESPONSE, payload.readInt(), wire.out());
        }
    }

    private void data(ByteBuf payload) throws MalformedException {
        if (publisher == null) {
            return;
        }
        List<AmfValue> values = Amf0.readAll(payload);
        int first = text(values, 0).equals("@setDataFrame") ? 1 : 0;
        if (text(values, first).equals("onMetaData") && values.size() > first + 1) {
            publisher.metadata(values.get(first + 1));
        }
    }

    private void command(int streamId, ByteBuf payload) throws MalformedException {
        if (publisher == null && !isPlaying() && ++commands > MAX_COMMANDS_BEFORE_PUBLISH) {
            throw new MalformedException(
                    "RTMP commands before publish or play",
                    commands,
                    "at most " + MAX_COMMANDS_BEFORE_PUBLISH);
        }
        List<AmfValue> values = Amf0.readAll(payload);
        String name = text(values, 0);
        double transaction = values.size() > 1 ? values.get(1).number(0) : 0;
        if (!connected && !name.equals("connect")) {
            throw new MalformedException("RTMP command", name, "connect first");
        }
        switch (name) {
            case "connect" -> connect(transaction, values.size() > 2 ? values.get(2) : NULL);
            case "createStream" -> createStream(transaction);
            case "publish" -> publish(streamId, text(values, 3));
            case "releaseStream", "_checkbw" -> result(transaction, NULL);
            case "FCPublish" -> flash(transaction, "onFCPublish", StatusCode.PUBLISH_START);
            case "FCSubscribe" -> flash(transaction, "onFCSubscribe", StatusCode.PLAY_START);
            case "getStreamLength" -> result(transaction, AmfValue.of(0));
            case "closeStream" -> closeStream(streamId);
            case "deleteStream" -> {
                openStreams = Math.max(0, openStreams - 1);
                closeStream(values.size() > 3 ? (int) values.get(3).number(0) : streamId);
            }
            case "FCUnpublish" -> flash(transaction, "onFCUnpublish", StatusCode.UNPUBLISH_SUCCESS);
            case "play" -> play(streamId, values);
            case "pause", "pauseRaw", "seek", "receiveAudio", "receiveVideo" -> {
                if (isPlaying()) {
                    player.command(name, transaction, values);
                }
            }
            case "_result", "_error", "onStatus" -> {}
            default -> unknown(name, transaction);
        }
    }

    private void connect(double transaction, AmfValue request) throws MalformedException {
        if (connected) {
            throw new MalformedException("RTMP command", "a second connect", "one a connection");
        }
        app = request.get("app").flatMap(AmfValue::text).orElse("");
        tcUrl = request.get("tcUrl").flatMap(AmfValue::text).orElse("");
        known = KnownCodecs.of(request);
        userAgent = request.get("flashVer").flatMap(AmfValue::text).orElse("");
        connected = true;
        ByteBuf out = wire.out();
        messages.windowAcknowledgementSize(WINDOW, out);
        messages.setPeerBandwidth(WINDOW, out);
        messages.setChunkSize(ChunkWriter.OUT_CHUNK_SIZE, out);
        messages.command(
                0,
                out,
                "_result",
                transaction,
                ConnectReply.properties(),
                ConnectReply.info(request));
    }

    private void createStream(double transaction) throws MalformedException {
        if (++openStreams > MAX_STREAMS) {
            throw new MalformedException(
                    "RTMP message streams", openStreams, "at most " + MAX_STREAMS);
        }
        result(transaction, AmfValue.of(++lastStreamId));
    }

    /** Commands that Flash Media Server answers with one of its own besides the result. */
    private void flash(double transaction, String answer, String code) {
        result(transaction, NULL);
        messages.status(0, wire.out(), answer, "status", code, answer.substring(2) + " accepted.");
    }

    private void result(double transaction, AmfValue value) {
        messages.command(0, wire.out(), "_result", transaction, NULL, value);
    }

    private void unknown(String name, double transaction) {
        if (transaction != 0 && publisher == null) {
            messages.command(
                    0,
                    wire.out(),
                    "_error",
                    transaction,
                    NULL,
                    MessageWriter.info(
                            "error", StatusCode.CALL_FAILED, "Method not found (" + name + ")."));
        }
    }

    private void play(int streamId, List<AmfValue> values) throws MalformedException {
        if (publisher != null) {
            throw new MalformedException("RTMP command", "play", "a connection that publishes");
        }
        PublishTarget target = new PublishTarget(app, tcUrl, text(values, 3));
        Optional<PlayOutput> found = host.findOutput(target);
        if (found.isEmpty()) {
            String reason = "no stream is served under this app and name";
            messages.status(
                    streamId, wire.out(), "onStatus", "error", StatusCode.PLAY_NOT_FOUND, reason);
            wire.close(reason);
            return;
        }
        if (player == null) {
            player = new Player(wire, messages, known, userAgent);
        }
        // play, transaction, null, name, start, duration, reset
        boolean reset = values.size() < 7 || !values.get(6).equals(AmfValue.of(false));
        player.play(found.get(), streamId, reset);
    }

    private void publish(int streamId, String name) throws MalformedException {
        if (publisher != null || isPlaying()) {
            throw new MalformedException("RTMP command", "a second publish", "one a connection");
        }
        publishStreamId = streamId;
        PublishTarget target = new PublishTarget(app, tcUrl, name);
        Lookup found = host.find(target);
        if (found.input() == null) {
            host.refused(this, target, found.reason());
            refuse(found.code(), found.reason());
            return;
        }
        publisher = new Publisher(target, this);
        offer(found.input());
    }

    private void offer(PublishInput input) {
        path = input.path();
        boolean first = !publisher.hasBegun();
        switch (input.offer(publisher)) {
            case ACCEPTED -> {
                publisher.begin(input);
                if (first) {
                    started();
                }
            }
            case WAITING -> publisher.waitFor(input);
            case BUSY -> refuseOffer("the stream has a publisher already (onPublish=reject)");
            case CLOSED -> refuseOffer("the stream is not accepted any more");
        }
    }

    private void refuseOffer(String reason) {
        host.refused(this, publisher.target(), reason);
        refuse(StatusCode.PUBLISH_BAD_NAME, reason);
    }

    @Override
    public void started() {
        ByteBuf out = wire.out();
        messages.userControl(MessageWriter.STREAM_BEGIN, publishStreamId, out);
        messages.status(
                publishStreamId,
                out,
                "onStatus",
                "status",
                StatusCode.PUBLISH_START,
                "Publishing " + path + ".");
        wire.flush();
        announced = true;
        host.publishing(this, path);
    }

    @Override
    public void refuse(String code, String reason) {
        if (closed) {
            return;
        }
        messages.status(publishStreamId, wire.out(), "onStatus", "error", code, reason);
        wire.close(reason);
    }

    private void closeStream(int streamId) {
        if (player != null && player.isPlayingOn(streamId)) {
            player.stop();
            commands = 0;
        }
        if (publisher != null) {
            messages.status(
                    publishStreamId,
                    wire.out(),
                    "onStatus",
                    "status",
                    StatusCode.UNPUBLISH_SUCCESS,
                    "Stopped publishing.");
            // The client closes, or publishes again; GStreamer takes a close of ours for an error.
            endPublishing(false, "the publisher stopped");
        }
    }

    private void endPublishing(boolean failed, String reason) {
        if (publisher != null) {
            publisher.end(failed, reason);
            publisher = null;
        }
        mediaCame = false;
        if (announced) {
            announced = false;
            host.ended(this, path, reason);
        }
        commands = 0;
    }

    @Override
    public void consumerGone() {
        if (!closed) {
            host.hold(this, path);
        }
    }

    /** The peer broke the protocol: tells it so where the protocol has a way, and closes. */
    void fail(String reason) {
        if (connected && !closed) {
            messages.status(
                    publishStreamId,
                    wire.out(),
                    "onStatus",
                    "error",
                    StatusCode.CONNECT_REJECTED,
                    reason);
        }
        wire.close(reason);
    }

    /** The connection is gone or going: lets go of everything. */
    void close(String reason) {
        if (closed) {
            return;
        }
        closed = true;
        endPublishing(true, reason);
    }

    @Override
    public void execute(Runnable task) {
        wire.execute(task);
    }

    void schedule(Runnable task, Duration delay) {
        wire.schedule(task, delay);
    }

    @Override
    public String peer() {
        return wire.peer();
    }

    private static String text(List<AmfValue> values, int index) {
        return index < values.size() ? values.get(index).text().orElse("") : "";
    }
}
