package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/** The same as a plain array. */
class PidBytesTest {
    @Property(tries = 200)
    void remembersWhatWasSet(
            @ForAll byte first,
            @ForAll @Size(max = 60) List<@IntRange(max = 0x1FFF) Integer> pids,
            @ForAll byte value) {
        byte[] plain = new byte[TsPacket.PID_COUNT];
        Arrays.fill(plain, first);
        PidBytes bytes = new PidBytes(first);
        byte next = value;
        for (int pid : pids) {
            plain[pid] = next;
            bytes.set(pid, next);
            next = (byte) (next + 1);
        }
        for (int pid = 0; pid < TsPacket.PID_COUNT; pid++) {
            assertThat(bytes.get(pid)).isEqualTo(plain[pid]);
        }
    }

    @Test
    void forgets() {
        PidBytes bytes = new PidBytes((byte) 15);
        bytes.set(0x100, (byte) 3);
        bytes.set(0x100, (byte) 15);
        bytes.set(0x1FFF, (byte) 0);
        bytes.clear();
        assertThat(bytes.get(0x100)).isEqualTo((byte) 15);
        assertThat(bytes.get(0x1FFF)).isEqualTo((byte) 15);
        bytes.set(0x101, (byte) 7);
        assertThat(bytes.get(0x100)).isEqualTo((byte) 15);
        assertThat(bytes.get(0x101)).isEqualTo((byte) 7);
    }
}
