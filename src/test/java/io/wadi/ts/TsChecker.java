package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;

/**
 * Judges a transport stream by ISO/IEC 13818-1 and the intervals that DVB asks for, on its own:
 * shares no code with what it judges.
 */
final class TsChecker {
    private static final long NONE = Long.MIN_VALUE;
    private static final long MS = 27_000;

    private final Map<Integer, Integer> counters = new HashMap<>();
    private final Map<Integer, Integer> pesLeft = new HashMap<>();
    private final int pmtPid;
    private long pcr = NONE;
    private long patAt = NONE;
    private long pmtAt = NONE;
    private boolean patPending;
    private boolean pmtPending;

    /** Two sources stand one behind the other. */
    boolean clockMayJump;

    long maxPcrGap;
    long maxPatGap;
    long maxPmtGap;
    long minLead = Long.MAX_VALUE;
    int packets;
    int pcrs;

    TsChecker(int pmtPid) {
        this.pmtPid = pmtPid;
    }

    static TsChecker check(byte[] stream, int pmtPid) {
        TsChecker checker = new TsChecker(pmtPid);
        checker.continuing(stream);
        return checker;
    }

    void continuing(byte[] stream) {
        assertThat(stream.length % 188).as("whole packets").isZero();
        for (int at = 0; at < stream.length; at += 188) {
            packet(stream, at);
        }
    }

    private void packet(byte[] s, int at) {
        packets++;
        assertThat(s[at]).as("sync byte at %d", at).isEqualTo((byte) 0x47);
        boolean start = (s[at + 1] & 0x40) != 0;
        int pid = (s[at + 1] & 0x1F) << 8 | (s[at + 2] & 0xFF);
        int control = s[at + 3] >> 4 & 3;
        int counter = s[at + 3] & 15;
        if (pid == 0x1FFF) {
            return;
        }
        assertThat(control).as("adaptation_field_control at %d", at).isNotZero();
        boolean payload = (control & 1) != 0;
        boolean discontinuity = false;
        int body = at + 4;
        if ((control & 2) != 0) {
            int length = s[at + 4] & 0xFF;
            if (payload) {
                assertThat(length).as("adaptation field at %d", at).isLessThan(183);
            } else {
                assertThat(length).as("adaptation field at %d", at).isEqualTo(183);
            }
            discontinuity = length > 0 && (s[at + 5] & 0x80) != 0;
            if (length > 0 && (s[at + 5] & 0x10) != 0) {
                pcr(s, at + 6, discontinuity);
            }
            body += 1 + length;
        }
        Integer before = counters.put(pid, counter);
        if (before != null && !discontinuity) {
            int expected = payload ? (before + 1) % 16 : before;
            assertThat(counter).as("counter of PID 0x%X at %d", pid, at).isEqualTo(expected);
        }
        if (!payload) {
            return;
        }
        if (pid == 0 && start) {
            patPending = true;
        } else if (pid == pmtPid && start) {
            pmtPending = true;
        } else if (pid >= 0x20 && pid != pmtPid) {
            pes(s, pid, body, at + 188, start);
        }
    }

    /** The time of tables is that of the access unit behind them. */
    private void tables(long dts) {
        if (patPending) {
            maxPatGap = Math.max(maxPatGap, patAt == NONE ? 0 : dts - patAt);
            patAt = dts;
        }
        if (pmtPending) {
            maxPmtGap = Math.max(maxPmtGap, pmtAt == NONE ? 0 : dts - pmtAt);
            pmtAt = dts;
        }
        patPending = false;
        pmtPending = false;
    }

    private void pcr(byte[] s, int at, boolean discontinuity) {
        long base = 0;
        for (int i = 0; i < 4; i++) {
            base = base << 8 | (s[at + i] & 0xFF);
        }
        base = base << 1 | (s[at + 4] & 0x80) >> 7;
        long now = base * 300 + ((s[at + 4] & 1) << 8 | (s[at + 5] & 0xFF));
        if (pcr != NONE && !discontinuity && !clockMayJump) {
            long wrap = (1L << 33) * 300;
            while (now < pcr - wrap / 2) {
                now += wrap;
            }
            assertThat(now).as("PCR at %d", at).isGreaterThan(pcr);
            maxPcrGap = Math.max(maxPcrGap, now - pcr);
        }
        pcr = now;
        pcrs++;
    }

    private void pes(byte[] s, int pid, int from, int to, boolean start) {
        if (start) {
            Integer left = pesLeft.get(pid);
            assertThat(left == null || left <= 0).as("PES packet before 0x%X whole", pid).isTrue();
            assertThat(s[from] << 16 | s[from + 1] << 8 | s[from + 2]).isEqualTo(1);
            int length = (s[from + 4] & 0xFF) << 8 | (s[from + 5] & 0xFF);
            boolean video = (s[from + 3] & 0xF0) == 0xE0;
            assertThat(length != 0 || video).as("length 0 of PID 0x%X", pid).isTrue();
            pesLeft.put(pid, length == 0 ? Integer.MIN_VALUE : length + 6);
            lead(s, from);
        }
        Integer left = pesLeft.get(pid);
        if (left != null && left != Integer.MIN_VALUE) {
            left -= to - from;
            assertThat(left).as("bytes behind the PES packet of 0x%X", pid).isNotNegative();
            pesLeft.put(pid, left);
        }
    }

    private void lead(byte[] s, int from) {
        int flags = s[from + 7] & 0xC0;
        if (flags == 0) {
            return;
        }
        int at = flags == 0xC0 ? from + 14 : from + 9;
        long dts =
                (s[at] & 0x0EL) << 29
                        | (s[at + 1] & 0xFFL) << 22
                        | (s[at + 2] & 0xFEL) << 14
                        | (s[at + 3] & 0xFFL) << 7
                        | (s[at + 4] & 0xFFL) >> 1;
        tables(dts);
        if (pcr == NONE) {
            return;
        }
        long lead = (dts - pcr / 300) << 31 >> 31;
        minLead = Math.min(minLead, lead);
    }

    long maxPcrGapMs() {
        return maxPcrGap / MS;
    }

    long maxTablesGapMs() {
        return Math.max(maxPatGap, maxPmtGap) / 90;
    }
}
