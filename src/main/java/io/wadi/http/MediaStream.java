package io.wadi.http;

import io.netty.buffer.ByteBuf;

/**
 * An answer without an end. Everything but {@link #execute} is called on the viewer's event loop,
 * where {@link #execute} runs its task.
 */
public interface MediaStream {
    /**
     * Writes and flushes a run of bytes; takes ownership of {@code bytes}. Ignored after the viewer
     * has gone.
     */
    void write(ByteBuf bytes);

    /** Bytes written that the socket has not taken yet. */
    long pendingBytes();

    /** Calls {@code drained} whenever some of the pending bytes have left. */
    void onDrained(Runnable drained);

    /** Calls {@code closed} once, when the viewer has gone or {@link #close} was called. */
    void onClosed(Runnable closed);

    /** Ends the answer and closes the connection, whatever is still pending. */
    void close();

    /** Runs a task on the viewer's event loop; callable from any thread. */
    void execute(Runnable task);
}
