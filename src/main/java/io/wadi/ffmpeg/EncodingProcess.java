package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.TsIntake;
import io.wadi.ring.UnitSink;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One child and the sockets to it, in a folder that only this user can enter. When the child ends,
 * or {@link #close} is called, all of them end. See {@link Plumbing} for why sockets.
 */
final class EncodingProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EncodingProcess.class);

    /** What the names of the folders start with. */
    static final String FOLDER = "wadi-ffmpeg-";

    /** What a socket holds, so that one read takes what a picture brought. */
    private static final int READ_BYTES = 16 * 1024;

    /** sockaddr_un has 108 bytes, of which the last is 0. */
    private static final int MAX_SOCKET_PATH = 107;

    /** Longest file name of ours in the folder. */
    private static final int MAX_NAME = 6;

    /** The largest still picture: 16K, with little compression. */
    private static final int MAX_STILL_BYTES = 64 * 1024 * 1024;

    /** For what a child sent last. */
    private static final Duration ENDING = Duration.ofMillis(500);

    /** What is done with a connection of the child's. */
    @FunctionalInterface
    private interface Use {
        void use(SocketChannel channel) throws IOException;
    }

    private final String name;
    private final Path folder;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;
    private volatile boolean reads;
    private Process process;

    EncodingProcess(String name) throws IOException {
        this.name = name;
        this.folder = Files.createTempDirectory(FOLDER);
        if (folder.toString().length() + 1 + MAX_NAME > MAX_SOCKET_PATH) {
            Files.delete(folder);
            throw new IOException(
                    "the path of the temporary folder is too long for a socket: "
                            + folder
                            + ", expected at most "
                            + (MAX_SOCKET_PATH - MAX_NAME - 1)
                            + " characters; set java.io.tmpdir");
        }
    }

    Plumbing plumbing() {
        return new Plumbing(folder);
    }

    /** Waits for the child to read, and feeds it. */
    void input(Feed feed) throws IOException {
        listen(
                plumbing().input(),
                "in",
                channel -> {
                    reads = true;
                    feed.copyTo(channel);
                });
    }

    /** Whether the child has taken up its input. */
    boolean reads() {
        return reads;
    }

    /** Waits for the child to send a rung, and passes it on. */
    void output(Rung rung, UnitSink sink) throws IOException {
        Use use =
                rung.isSentAsMp4()
                        ? channel -> readMp4(channel, name + " " + rung.name(), sink)
                        : channel -> read(channel, sink);
        listen(plumbing().output(rung), rung.name(), use);
    }

    /** Waits for the child to send still pictures. */
    void stills(Consumer<byte[]> sink) throws IOException {
        listen(plumbing().still(), FilterGraph.STILL, channel -> readStills(channel, sink));
    }

    private void listen(Path path, String what, Use use) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listeners.add(listener);
        listener.bind(UnixDomainSocketAddress.of(path));
        // Not virtual: for each of some hundred reads a second the kernel wakes whoever reads, and
        // not a poller that wakes a carrier that mounts it: a quarter of what a ladder costs here.
        threads.add(
                Thread.ofPlatform()
                        .daemon()
                        .name("ffmpeg-" + name + "-" + what)
                        .start(() -> serve(listener, use)));
    }

    private void serve(ServerSocketChannel listener, Use use) {
        try (SocketChannel channel = listener.accept()) {
            connections.add(channel);
            if (!closed) {
                use.use(channel);
            }
        } catch (IOException childEnded) {
            // Its exit code and its last words say more than a broken pipe.
        }
    }

    private static void read(SocketChannel channel, UnitSink sink) throws IOException {
        try (TsIntake intake = new TsIntake(sink)) {
            ByteBuffer unwanted = ByteBuffer.allocate(READ_BYTES);
            while (true) {
                ByteBuf room = intake.begin(READ_BYTES);
                int count =
                        room == null
                                ? channel.read(unwanted.clear())
                                : room.writeBytes(channel, READ_BYTES);
                if (count < 0) {
                    return;
                }
                if (room == null) {
                    intake.lost();
                } else {
                    intake.end(System.nanoTime());
                }
            }
        }
    }

    private static void readMp4(SocketChannel channel, String name, UnitSink sink)
            throws IOException {
        try (Mp4Intake intake = new Mp4Intake(name, sink)) {
            while (intake.begin(READ_BYTES).writeBytes(channel, READ_BYTES) >= 0) {
                intake.end(System.nanoTime());
            }
        }
    }

    private static void readStills(SocketChannel channel, Consumer<byte[]> sink)
            throws IOException {
        JpegSplitter splitter = new JpegSplitter(MAX_STILL_BYTES, sink);
        ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
        while (channel.read(bytes.clear()) >= 0) {
            splitter.push(bytes.flip());
        }
    }

    /** Starts the child. */
    Process start(Path program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        // SVT-AV1 tells all that it was told on stderr, where FFmpeg says what went wrong.
        builder.environment().put("SVT_LOG", "1");
        process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /** Kills the child if it lives, and lets go of everything; what it sent is read to the end. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        if (process != null) {
            process.destroyForcibly();
            interrupted = waitFor(process);
        }
        listeners.forEach(EncodingProcess::closeQuietly);
        // Readers come to the end by themselves, now that nobody writes.
        interrupted |= join(ENDING);
        connections.forEach(EncodingProcess::closeQuietly);
        interrupted |= join(Duration.ofDays(1));
        deleteFolder();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean join(Duration patience) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(patience);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    /** A killed child is gone at once, or stands in the kernel where nobody can help. */
    private static boolean waitFor(Process process) {
        try {
            process.waitFor(1, TimeUnit.SECONDS);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static void closeQuietly(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            throw new IllegalStateException("a socket does not close", e);
        }
    }

    private void deleteFolder() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            LOG.debug("{} is left to the system's cleaning of temporary files", folder, e);
        }
    }
}
