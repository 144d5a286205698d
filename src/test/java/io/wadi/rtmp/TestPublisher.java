package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.MalformedException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A publisher that does exactly what a test says. Blocking; waits at most ten seconds. */
final class TestPublisher implements AutoCloseable {
    /**
     * A message from the server.
     *
     * @param values of a command or of metadata
     */
    record Answer(int type, int streamId, int timestampMs, int size, List<AmfValue> values) {
        boolean isMedia() {
            return type == MessageType.AUDIO || type == MessageType.VIDEO;
        }

        boolean isCommand(String name) {
            return type == MessageType.COMMAND_AMF0 && values.getFirst().equals(AmfValue.of(name));
        }

        /** The code of an onStatus, "" of anything else. */
        String statusCode() {
            return isCommand("onStatus")
                    ? values.get(3).get("code").flatMap(AmfValue::text).orElseThrow()
                    : "";
        }
    }

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final ChunkWriter chunks = new ChunkWriter();
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private final ChunkReader reader =
            new ChunkReader(UnpooledByteBufAllocator.DEFAULT, this::onMessage);

    /** Bytes read, those of the handshake too. */
    private long bytesIn;

    private void onMessage(int type, int streamId, int timestampMs, ByteBuf payload)
            throws MalformedException {
        int size = payload.readableBytes();
        boolean amf = type == MessageType.COMMAND_AMF0 || type == MessageType.DATA_AMF0;
        List<AmfValue> values = amf ? Amf0.readAll(payload) : List.of();
        answers.add(new Answer(type, streamId, timestampMs, size, values));
    }

    TestPublisher(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** The simple handshake and connect; returns the info object of the answer. */
    AmfValue connect(String app, Map<String, AmfValue> more) throws Exception {
        byte[] hello = new byte[1 + ServerHandshake.PACKET_SIZE];
        hello[0] = 3;
        out.write(hello);
        bytesIn += in.readNBytes(1 + 2 * ServerHandshake.PACKET_SIZE).length;
        out.write(new byte[ServerHandshake.PACKET_SIZE]);
        Map<String, AmfValue> request = new LinkedHashMap<>(more);
        request.put("app", AmfValue.of(app));
        request.put("tcUrl", AmfValue.of("rtmp://127.0.0.1/" + app));
        command(0, "connect", 1, new AmfValue.Obj(request));
        return await("_result").get(3);
    }

    /** createStream and publish; returns the code of the onStatus that answers. */
    String publish(String name) throws Exception {
        command(0, "createStream", 2, new AmfValue.Null());
        await("_result");
        command(1, "publish", 3, new AmfValue.Null(), AmfValue.of(name), AmfValue.of("live"));
        return awaitStatus();
    }

    /** createStream; returns the stream's id. */
    int createStream() throws Exception {
        command(0, "createStream", 2, new AmfValue.Null());
        return (int) await("_result").get(3).number(-1);
    }

    /** play on a stream; returns the code of the onStatus that answers. */
    String play(int streamId, String name, AmfValue... more) throws Exception {
        List<AmfValue> values = new ArrayList<>();
        values.add(new AmfValue.Null());
        values.add(AmfValue.of(name));
        values.addAll(List.of(more));
        command(streamId, "play", 0, values.toArray(AmfValue[]::new));
        return awaitStatus();
    }

    String awaitStatus() throws Exception {
        return await("onStatus").get(3).get("code").flatMap(AmfValue::text).orElseThrow();
    }

    long bytesIn() {
        return bytesIn;
    }

    /** Says that so many bytes have arrived. */
    void acknowledge(long bytes) throws IOException {
        send(MessageType.ACKNOWLEDGEMENT, 0, 0, Unpooled.buffer().writeInt((int) bytes));
    }

    void command(int streamId, String name, double transaction, AmfValue... values)
            throws IOException {
        ByteBuf payload = Unpooled.buffer();
        Amf0.write(AmfValue.of(name), payload);
        Amf0.write(AmfValue.of(transaction), payload);
        for (AmfValue value : values) {
            Amf0.write(value, payload);
        }
        send(MessageType.COMMAND_AMF0, streamId, 0, payload);
    }

    void send(int type, int streamId, int timestampMs, ByteBuf payload) throws IOException {
        ByteBuf wire = Unpooled.buffer();
        chunks.write(3 + type % 7, type, streamId, timestampMs, payload, wire);
        out.write(ByteBufUtil.getBytes(wire));
    }

    void sendRaw(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Whether the server closes; reads away what it says before. */
    boolean isClosedByServer() throws IOException {
        try {
            while (in.read() >= 0) {}
            return true;
        } catch (SocketException _) {
            return true;
        }
    }

    /** Whether the server closes and says nothing before. */
    boolean isClosedWithoutAWord() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException _) {
            return true;
        }
    }

    List<AmfValue> await(String command) throws Exception {
        while (true) {
            Answer answer = next();
            if (answer.isCommand(command)) {
                return answer.values();
            }
        }
    }

    /** Waits for a message of a type. */
    void awaitType(int type) throws Exception {
        while (next().type() != type) {}
    }

    /** The next message. */
    Answer next() throws IOException, MalformedException {
        byte[] buffer = new byte[4096];
        while (answers.isEmpty()) {
            int read = in.read(buffer);
            if (read < 0) {
                throw new IOException("closed by the server");
            }
            bytesIn += read;
            reader.read(Unpooled.copiedBuffer(buffer, 0, read));
        }
        return answers.poll();
    }

    @Override
    public void close() throws IOException {
        reader.close();
        socket.close();
    }
}
