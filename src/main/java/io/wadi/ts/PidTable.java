package io.wadi.ts;

import java.util.ArrayList;
import java.util.List;

/** A map from PID to something, with a look-up that is three array reads. Up to 255 entries. */
final class PidTable<T> {
    private static final int CAPACITY = 255;

    private final PidBytes slots = new PidBytes((byte) 0);
    private final List<T> values = new ArrayList<>();

    PidTable() {
        values.add(null); // slot 0: no entry
    }

    /** The entry, or null within this package when there is none. */
    T get(int pid) {
        return values.get(slots.get(pid) & 0xFF);
    }

    void put(int pid, T value) {
        int slot = slots.get(pid) & 0xFF;
        if (slot != 0) {
            values.set(slot, value);
            return;
        }
        int free = values.subList(1, values.size()).indexOf(null) + 1;
        if (free == 0) {
            if (values.size() > CAPACITY) {
                throw new IllegalStateException("more than " + CAPACITY + " PIDs in one table");
            }
            free = values.size();
            values.add(value);
        } else {
            values.set(free, value);
        }
        slots.set(pid, (byte) free);
    }

    void remove(int pid) {
        values.set(slots.get(pid) & 0xFF, null);
        slots.set(pid, (byte) 0);
    }

    void clear() {
        slots.clear();
        values.clear();
        values.add(null);
    }
}
