package io.wadi.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.wadi.ring.Ring;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitWriter;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The fan-out over real sockets, on each transport. */
@Timeout(60)
class FanOutTest {
    private static final int PACKET = 188;
    private static final int GOP = 10;

    enum Transport {
        EPOLL,
        NIO
    }

    private final UnitWriter writer = new UnitWriter();
    private final Ring ring = new Ring("fan-out", 100);
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Viewer> viewers = new CopyOnWriteArrayList<>();
    private final AtomicInteger watched = new AtomicInteger();
    private EventLoopGroup loops;
    private Channel server;
    private FanOut fanOut;
    private long next;

    private void serve(Transport transport, FanOutOptions options, Preamble preamble)
            throws Exception {
        boolean epoll = transport == Transport.EPOLL;
        Assumptions.assumeTrue(!epoll || Epoll.isAvailable(), "epoll is for Linux");
        loops = epoll ? new EpollEventLoopGroup(2) : new NioEventLoopGroup(2);
        Class<? extends ServerChannel> type =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        fanOut = new FanOut(ring, options, on -> watched.addAndGet(on ? 1 : -1));
        server =
                new ServerBootstrap()
                        .group(loops)
                        .channel(type)
                        .childOption(ChannelOption.SO_SNDBUF, 32 * 1024)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        viewers.add(fanOut.join(channel, preamble));
                                    }
                                })
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (loops != null) {
            Awaitility.await().until(() -> fanOut.viewerCount() == 0);
            assertThat(watched).hasValue(0);
            server.close().sync();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
        ring.close();
        writer.close();
    }

    private void append(int packets) {
        append(packets, next % GOP == 0 ? Unit.RANDOM_ACCESS | Unit.VIDEO : Unit.VIDEO);
    }

    private void append(int packets, int flags) {
        ByteBuf room = writer.begin(packets * PACKET);
        for (int i = 0; i < packets; i++) {
            room.writeByte(0x47).writeLong(next).writeZero(PACKET - 9);
        }
        writer.end(next, next, System.nanoTime(), flags, ring::append);
        next++;
    }

    private DataInputStream connect(int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(20_000);
        socket.connect(server.localAddress() instanceof InetSocketAddress at ? at : null);
        return new DataInputStream(socket.getInputStream());
    }

    private static long packet(DataInputStream in) throws IOException {
        assertThat(in.readByte()).isEqualTo((byte) 0x47);
        long number = in.readLong();
        in.readFully(new byte[PACKET - 9]);
        return number;
    }

    private void awaitViewers(int count) {
        Awaitility.await().until(() -> fanOut.viewerCount() == count);
    }

    @ParameterizedTest
    @EnumSource
    void viewersGetEveryByteFromTheGopInProgressOn(Transport transport) throws Exception {
        serve(transport, FanOutOptions.DEFAULT, Preamble.NONE);
        for (int i = 0; i < 15; i++) {
            append(3);
        }
        DataInputStream early = connect(0);
        DataInputStream second = connect(0);
        awaitViewers(2);
        for (int i = 0; i < 25; i++) {
            append(3);
        }
        DataInputStream late = connect(0);
        for (long n = 10; n < 40; n++) {
            for (int i = 0; i < 3; i++) {
                assertThat(packet(early)).isEqualTo(n);
                assertThat(packet(second)).isEqualTo(n);
            }
        }
        for (int i = 0; i < 3; i++) {
            assertThat(packet(late)).isEqualTo(30);
        }
        assertThat(watched).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void preambleComesBeforeTheFirstUnit(Transport transport) throws Exception {
        Preamble preamble =
                (pts, dts, again) ->
                        again
                                ? Unpooled.copyLong(-1)
                                : Unpooled.buffer().writeLong(pts).writeLong(dts);
        serve(transport, FanOutOptions.DEFAULT.withSendLatency(Duration.ZERO), preamble);
        for (int i = 0; i < 12; i++) {
            append(2);
        }
        DataInputStream in = connect(0);
        assertThat(in.readLong()).isEqualTo(10);
        assertThat(in.readLong()).isEqualTo(10);
        assertThat(packet(in)).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void viewerThatComesBeforeTheStreamStartsWithItsFirstRandomAccessUnit(Transport transport)
            throws Exception {
        serve(transport, FanOutOptions.DEFAULT, Preamble.NONE);
        next = 5;
        DataInputStream in = connect(0);
        awaitViewers(1);
        for (int i = 0; i < 6; i++) {
            append(1);
        }
        assertThat(packet(in)).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void viewerOfSoundMissesNoneOfTheBurstThatFollowsIt(Transport transport) throws Exception {
        serve(transport, FanOutOptions.DEFAULT, Preamble.NONE);
        DataInputStream first = connect(0);
        awaitViewers(1);
        for (int i = 0; i < 50; i++) {
            append(1, Unit.RANDOM_ACCESS);
        }
        DataInputStream second = connect(0);
        awaitViewers(2);
        for (int i = 50; i < 100; i++) {
            append(1, Unit.RANDOM_ACCESS);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(packet(first)).isEqualTo(i);
        }
        for (int i = 49; i < 100; i++) {
            assertThat(packet(second)).isEqualTo(i);
        }
    }

    @ParameterizedTest
    @EnumSource
    void slowViewerIsCutToARandomAccessUnitAndCostsTheOthersNothing(Transport transport)
            throws Exception {
        FanOutOptions options =
                new FanOutOptions(Duration.ofMillis(1), 200_000, Duration.ofSeconds(30));
        serve(transport, options, Preamble.NONE);
        DataInputStream slow = connect(4096);
        awaitViewers(1);
        DataInputStream fast = connect(0);
        awaitViewers(2);
        int units = 1000;
        for (int i = 0; i < units; i++) {
            append(20);
            for (int p = 0; p < 20; p++) {
                assertThat(packet(fast)).isEqualTo(i);
            }
        }
        Viewer cut = viewers.getFirst();
        Awaitility.await().until(() -> cut.skippedUnits() > 0);
        assertThat(viewers.get(1).skippedUnits()).isZero();
        long last = -1;
        int packetsOfLast = 20;
        boolean jumped = false;
        while (!jumped) {
            append(20);
            packet(fast);
            fast.skipNBytes(19L * PACKET);
            long number = packet(slow);
            if (number != last) {
                assertThat(packetsOfLast).as("whole units only").isEqualTo(20);
                jumped = number != last + 1;
                assertThat(jumped && number % GOP != 0)
                        .as("unit %s after %s", number, last)
                        .isFalse();
                packetsOfLast = 0;
                last = number;
            }
            packetsOfLast++;
        }
    }

    @ParameterizedTest
    @EnumSource
    void viewerThatStaysBehindIsDropped(Transport transport) throws Exception {
        FanOutOptions options = new FanOutOptions(Duration.ZERO, 100_000, Duration.ofMillis(200));
        serve(transport, options, Preamble.NONE);
        DataInputStream stuck = connect(4096);
        awaitViewers(1);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(2))
                .until(
                        () -> {
                            append(50);
                            return fanOut.droppedViewers() == 1;
                        });
        assertThat(viewers.getFirst().isDropped()).isTrue();
        assertThatThrownBy(() -> stuck.skipNBytes(Integer.MAX_VALUE))
                .isInstanceOfAny(EOFException.class, java.net.SocketException.class);
    }

    @ParameterizedTest
    @EnumSource
    void viewersThatVanishAreForgotten(Transport transport) throws Exception {
        serve(transport, FanOutOptions.DEFAULT, Preamble.NONE);
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 10; i++) {
                connect(0);
            }
            awaitViewers(10);
            for (int i = 0; i < 20; i++) {
                append(5);
            }
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
            awaitViewers(0);
        }
        assertThat(watched).hasValue(0);
    }
}
