package io.wadi.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Stands between a publisher and the server, and breaks the line in the ways that lines break. */
final class FaultProxy implements AutoCloseable {
    /** What happens to bytes on their way to the server. */
    enum Mode {
        PASS,
        /** Nothing goes through and nobody is told: a pulled cable, a lost NAT entry. */
        HALF_OPEN,
        /** A few bytes at a time. */
        DRIP,
        /** Random bytes in place of the publisher's. */
        GARBAGE
    }

    private static final int DRIP_BYTES = 7;
    private static final long DRIP_NANOS = 20_000_000;

    private final ServerSocket listener;
    private final int target;
    private final Random random = new Random(4);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile Mode mode = Mode.PASS;

    FaultProxy(int targetPort) throws IOException {
        target = targetPort;
        listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void set(Mode next) {
        mode = next;
    }

    /** Drops every connection. */
    void cut() {
        sockets.forEach(FaultProxy::closeQuietly);
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> pump(client, server, true));
                Thread.ofVirtual().start(() -> pump(server, client, false));
            }
        } catch (IOException closed) {
            cut();
        }
    }

    private void pump(Socket from, Socket to, boolean upwards) {
        byte[] buffer = new byte[4096];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (upwards) {
                    forward(buffer, count, out);
                } else {
                    out.write(buffer, 0, count);
                }
            }
        } catch (IOException ended) {
            // the other pump sees it too
        }
        // A half-open line stays open: neither end hears of the other's end.
        if (mode != Mode.HALF_OPEN) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private void forward(byte[] buffer, int count, OutputStream out) throws IOException {
        for (int at = 0; at < count; ) {
            switch (mode) {
                case PASS -> {
                    out.write(buffer, at, count - at);
                    at = count;
                }
                case GARBAGE -> {
                    byte[] rubbish = new byte[count - at];
                    random.nextBytes(rubbish);
                    out.write(rubbish);
                    at = count;
                }
                case DRIP -> {
                    int few = Math.min(DRIP_BYTES, count - at);
                    out.write(buffer, at, few);
                    at += few;
                    LockSupport.parkNanos(DRIP_NANOS);
                }
                case HALF_OPEN -> LockSupport.parkNanos(DRIP_NANOS);
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // it is gone
        }
    }

    @Override
    public void close() throws IOException {
        mode = Mode.PASS;
        listener.close();
        cut();
    }
}
