package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The parameter sets of one kind that a track sent last, by id. Bounded in bytes. */
final class ParameterSets {
    /** One set and the id of the set that it refers to: a PPS to its SPS, an SPS to its VPS. */
    record Entry(NalUnit nal, int refersTo) {}

    private final TreeMap<Integer, Entry> entries = new TreeMap<>();
    private int bytes;

    /** Whether exactly this set is stored: the usual case, which costs no memory. */
    boolean has(ByteBuf buf, int index, int length) {
        for (Entry entry : entries.values()) {
            if (entry.nal.sameAs(buf, index, length)) {
                return true;
            }
        }
        return false;
    }

    Entry get(int id) {
        return entries.get(id);
    }

    void put(int id, Entry entry) throws MalformedException {
        Entry old = entries.get(id);
        int after = bytes - (old == null ? 0 : old.nal.length()) + entry.nal.length();
        Limits.checkSize("Parameter sets of a track", after, 0, Limits.MAX_PARAMETER_SETS_BYTES);
        entries.put(id, entry);
        bytes = after;
    }

    /** Forgets what refers to a set that was replaced: it must be sent again. */
    void removeReferring(int id) {
        entries.values()
                .removeIf(
                        entry -> {
                            boolean refers = entry.refersTo == id;
                            bytes -= refers ? entry.nal.length() : 0;
                            return refers;
                        });
    }

    /** All sets that refer to {@code id}, by their own id. */
    List<NalUnit> referring(int id) {
        List<NalUnit> found = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.refersTo == id) {
                found.add(entry.nal);
            }
        }
        return found;
    }
}
