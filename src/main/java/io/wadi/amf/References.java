package io.wadi.amf;

import io.wadi.codec.MalformedException;

import java.util.ArrayList;
import java.util.List;

/** What a message may refer back to, with what each costs to repeat. */
final class References<T> {
    private record Slot<T>(T value, int values, int bytes) {}

    private final String what;
    private final List<Slot<T>> slots = new ArrayList<>();

    References(String what) {
        this.what = what;
    }

    /** Takes the next index for something whose content is still being read. */
    int open(AmfBudget budget) {
        slots.add(new Slot<>(null, budget.values(), budget.bytes()));
        return slots.size() - 1;
    }

    void close(int index, T value, AmfBudget budget) {
        Slot<T> opened = slots.get(index);
        slots.set(
                index,
                new Slot<>(
                        value, budget.values() - opened.values(), budget.bytes() - opened.bytes()));
    }

    /** Adds something whole that costs so many bytes. */
    void add(T value, int bytes) {
        slots.add(new Slot<>(value, 0, bytes));
    }

    /** What the index refers to; paid for again. */
    T get(int index, AmfBudget budget) throws MalformedException {
        if (index >= slots.size()) {
            throw new MalformedException(what + " reference", index, "below " + slots.size());
        }
        Slot<T> slot = slots.get(index);
        if (slot.value() == null) {
            throw new MalformedException(
                    what + " reference", index, "not to something that holds the reference");
        }
        budget.repeat(slot.values(), slot.bytes());
        return slot.value();
    }
}
