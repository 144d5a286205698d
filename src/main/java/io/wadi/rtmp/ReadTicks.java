package io.wadi.rtmp;

import io.netty.util.concurrent.EventExecutor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one event loop that wait to be read. One timer for all of them, and none when
 * nobody waits. On the event loop only.
 */
final class ReadTicks implements Runnable {
    /** A connection that is read at the next tick. */
    interface Reader {
        void onTick();
    }

    private final EventExecutor loop;
    private final ReadPace pace;
    private List<Reader> waiting = new ArrayList<>();
    private List<Reader> due = new ArrayList<>();
    private boolean scheduled;

    ReadTicks(EventExecutor loop, ReadPace pace) {
        this.loop = loop;
        this.pace = pace;
    }

    /** Calls the reader once, at the next tick. */
    void await(Reader reader) {
        waiting.add(reader);
        if (!scheduled) {
            scheduled = true;
            loop.schedule(this, pace.nanosToTick(), TimeUnit.NANOSECONDS);
        }
    }

    /** The tick. */
    @Override
    public void run() {
        scheduled = false;
        List<Reader> readers = waiting;
        waiting = due;
        due = readers;
        for (Reader reader : readers) {
            reader.onTick();
        }
        readers.clear();
    }
}
