package io.wadi.rtmp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.AnnexB;
import io.wadi.codec.MalformedException;
import io.wadi.flv.FlvReader;
import io.wadi.flv.FlvTags;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Map;

/** One of many viewers on a selector: asks for a stream and checks every {@link NumberedFrames}. */
final class LoadViewer implements AutoCloseable {
    /** How a viewer is served. */
    enum Kind {
        RTMP,
        FLV,
        TS
    }

    private static final int RECEIVE_BUFFER = 4 * 1024;
    private static final ByteBuffer READ = ByteBuffer.allocate(256 * 1024);

    private final Kind kind;
    private final SocketChannel socket;
    private final int group;
    private final ChunkReader chunks =
            new ChunkReader(UnpooledByteBufAllocator.DEFAULT, this::onMessage);
    private final FlvReader flv = new FlvReader(UnpooledByteBufAllocator.DEFAULT, this::onTag);
    private final TsDemuxer ts = new TsDemuxer(new TsFrames());

    /** Bytes before the media: the RTMP handshake, or the head of the HTTP answer. */
    private int handshakeLeft = 1 + 2 * ServerHandshake.PACKET_SIZE;

    private String head = "";

    /** The number of the newest frame, -1 before the first. */
    private int number = -1;

    private long time = Long.MIN_VALUE;
    private String complaint = "";
    private boolean ended;

    /**
     * @param group a group of pictures is so many
     * @param small whether the kernel is to keep little for it
     */
    LoadViewer(Kind kind, int port, int group, Selector selector, boolean small)
            throws IOException {
        this.kind = kind;
        this.group = group;
        socket = SocketChannel.open();
        if (small) {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        ByteBuf request = kind == Kind.RTMP ? rtmpRequest() : httpRequest();
        socket.write(request.nioBuffer());
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ, this);
    }

    /** Everything that a player says, without waiting for an answer. */
    private static ByteBuf rtmpRequest() {
        ByteBuf out = Unpooled.buffer().writeByte(3).writeZero(2 * ServerHandshake.PACKET_SIZE);
        MessageWriter writer = new MessageWriter();
        AmfValue nothing = new AmfValue.Null();
        AmfValue request =
                new AmfValue.Obj(
                        Map.of(
                                "app",
                                AmfValue.of("live"),
                                "tcUrl",
                                AmfValue.of("rtmp://127.0.0.1/live")));
        ByteBuf commands = Unpooled.buffer();
        writer.setChunkSize(4096, commands);
        writer.command(0, commands, "connect", 1, request);
        writer.command(0, commands, "createStream", 2, nothing);
        writer.command(1, commands, "play", 0, nothing, AmfValue.of("demo"));
        return out.writeBytes(commands);
    }

    private ByteBuf httpRequest() {
        String path = kind == Kind.FLV ? "live.flv" : "mpegts";
        return Unpooled.copiedBuffer(
                "GET /demo/" + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", US_ASCII);
    }

    int number() {
        return number;
    }

    boolean isEnded() {
        return ended;
    }

    /** What is wrong with what came, "" when nothing. */
    String complaint() {
        return complaint;
    }

    /** Reads what there is. */
    void read() throws MalformedException {
        read(READ.clear());
    }

    /** Reads one byte and forgets it. */
    void readByte() {
        try {
            ended |= socket.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException gone) {
            ended = true;
        }
    }

    private void read(ByteBuffer into) throws MalformedException {
        try {
            if (socket.read(into) < 0) {
                ended = true;
                socket.close();
                return;
            }
        } catch (IOException gone) {
            ended = true;
            return;
        }
        ByteBuf in = Unpooled.wrappedBuffer(into.flip());
        switch (kind) {
            case RTMP -> {
                int skipped = Math.min(handshakeLeft, in.readableBytes());
                handshakeLeft -= skipped;
                chunks.read(in.skipBytes(skipped));
            }
            case FLV -> {
                skipHead(in);
                flv.read(in);
            }
            case TS -> {
                skipHead(in);
                ts.push(in, in.readerIndex(), in.readableBytes());
            }
        }
    }

    private void skipHead(ByteBuf in) {
        while (!head.endsWith("\r\n\r\n") && in.isReadable()) {
            head += (char) in.readByte();
        }
    }

    private void onMessage(int type, int streamId, int timestampMs, ByteBuf payload)
            throws MalformedException {
        if (type == MessageType.COMMAND_AMF0) {
            Amf0.readAll(payload);
        } else {
            onTag(type, timestampMs, payload);
        }
    }

    private void onTag(int type, int timestampMs, ByteBuf body) {
        boolean codedFrames = body.readableBytes() > 9 && body.getByte(body.readerIndex() + 1) == 1;
        if (type != FlvTags.VIDEO || !codedFrames) {
            return;
        }
        for (int at = body.readerIndex() + 5; at < body.writerIndex(); ) {
            int size = body.getInt(at);
            onNal(body, at + 4, size, timestampMs);
            at += 4 + size;
        }
    }

    /** The frames of a transport stream. */
    private final class TsFrames implements TsDemuxer.Output {
        @Override
        public void onProgram(TsProgram program) {}

        @Override
        public void onAccessUnit(
                TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
            int to = payload.writerIndex();
            for (int nal = AnnexB.nalStart(payload, payload.readerIndex(), to); nal >= 0; ) {
                int end = AnnexB.nalEnd(payload, nal, to);
                onNal(payload, nal, end - nal, dts);
                nal = AnnexB.nalStart(payload, end, to);
            }
        }
    }

    private void onNal(ByteBuf from, int nal, int size, long newTime) {
        if (!NumberedFrames.isSlice(from.getByte(nal))) {
            return;
        }
        int found = NumberedFrames.number(from, nal);
        if (number < 0 ? found % group != 0 : found != number + 1) {
            complain("frame " + found + " after " + number);
        }
        ByteBuf expected = NumberedFrames.expected(found, group);
        if (size != NumberedFrames.SIZE || !ByteBufUtil.equals(expected, 0, from, nal, size)) {
            complain("frame " + found + " is damaged");
        }
        if (newTime < time) {
            complain("time " + newTime + " after " + time);
        }
        number = found;
        time = newTime;
    }

    private void complain(String what) {
        if (complaint.isEmpty()) {
            complaint = kind + ": " + what;
        }
    }

    /** Ends at once: the other side gets a reset. */
    void vanish() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        chunks.close();
        flv.close();
        socket.close();
    }
}
