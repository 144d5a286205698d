package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecId;

import java.util.Arrays;

/**
 * Collects the PES packets of one PID (ISO/IEC 13818-1 §2.4.3.6) and hands their payloads to the
 * track's splitter. A PES packet ends where its length says, or without a length where the next
 * starts. One that was hit by a loss is dropped. One owner thread.
 *
 * <p>An H.264 or H.265 access unit may be spread over several PES packets, of which only the first
 * has a PTS; once a track has done so, its PES packets are held until the next one shows whether it
 * goes on.
 */
final class PesReader {
    /** What all tracks of a demultiplexer share. */
    interface Host {
        /** Whether {@code bytes} more (or less, when negative) may be kept; counts them if so. */
        boolean reserve(int bytes);

        /** The common clock of the program. */
        Pts33 clock();

        void onDamaged(TsTrack track);

        void onOversized(TsTrack track);

        void onScrambled(TsTrack track);
    }

    /** An intra picture of 8K video is far below; bounds what a stream without PES starts takes. */
    static final int MAX_VIDEO_PES = 16 * 1024 * 1024;

    /** Audio and private PES packets declare their length: at most 65541 bytes. */
    static final int MAX_OTHER_PES = 128 * 1024;

    private static final int INITIAL_BYTES = 4096;
    private static final int FIXED_HEADER = 6;
    private static final int UNBOUNDED = 0;

    /** The same for an access unit that goes on in further PES packets. */
    private static final int OPEN_ENDED = Integer.MAX_VALUE;

    private final TsTrack track;
    private final Host host;
    private final UnitSplitter splitter;
    private final boolean joinable;
    private final int limit;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int length;

    /** Length of the PES packet, once known; {@link #UNBOUNDED}. */
    private int expected;

    private boolean open;
    private boolean whole;
    private boolean marked;
    private boolean joins;

    PesReader(TsTrack track, Host host, UnitSplitter splitter) {
        this.track = track;
        this.host = host;
        this.splitter = splitter;
        this.joinable =
                track.codec().filter(c -> c == CodecId.H264 || c == CodecId.H265).isPresent();
        this.limit = track.isVideo() ? MAX_VIDEO_PES : MAX_OTHER_PES;
    }

    TsTrack track() {
        return track;
    }

    /**
     * Takes the payload of one packet; borrows {@code buf}.
     *
     * @param randomAccess random_access_indicator
     */
    void payload(ByteBuf buf, int from, int to, boolean start, boolean randomAccess) {
        int at = from;
        if (start) {
            int rest = joinable ? continuation(buf, from, to) : 0;
            if (rest > 0 && open) {
                extend(buf, from);
                at = rest;
            } else if (rest > 0) {
                joins = true;
                host.onDamaged(track);
                return;
            } else {
                finish();
                open = true;
                whole = false;
                length = 0;
                expected = UNBOUNDED;
                marked = randomAccess;
            }
        } else if (!open || whole) {
            return;
        }
        if (!append(buf, at, to)) {
            drop();
            host.onOversized(track);
            return;
        }
        if (expected == UNBOUNDED && length >= FIXED_HEADER) {
            int declared = unsignedShort(4);
            expected = declared == 0 ? UNBOUNDED : declared + FIXED_HEADER;
        }
        if (expected != UNBOUNDED && length >= expected) {
            whole = true;
            if (!joins) {
                finish();
            }
        }
    }

    /** Emits what is there, unless its declared end has not come yet. */
    void flush() {
        boolean bounded = expected != UNBOUNDED && expected != OPEN_ENDED;
        if (open && length > 0 && (whole || !bounded)) {
            finish();
        }
    }

    /** Emits what is there, as it is: nothing follows. */
    void end() {
        finish();
        host.reserve(INITIAL_BYTES - bytes.length);
        bytes = new byte[INITIAL_BYTES];
    }

    /** Something was lost: the PES packet at hand is not whole. */
    void lost() {
        if (whole) {
            finish();
        }
        drop();
        splitter.lost();
    }

    private void drop() {
        open = false;
        length = 0;
    }

    /**
     * Where the payload starts of a PES packet that goes on with the access unit before it; 0 when
     * it does not, as far as this packet shows.
     */
    private int continuation(ByteBuf buf, int from, int to) {
        if (to - from < 9 || buf.getUnsignedMedium(from) != 1) {
            return 0;
        }
        int flags = buf.getUnsignedByte(from + 7);
        int payload = from + 9 + buf.getUnsignedByte(from + 8);
        if ((flags & 0x80) != 0 || payload >= to) {
            return 0;
        }
        int at = payload;
        while (at < to && at < payload + 3 && buf.getByte(at) == 0) {
            at++;
        }
        boolean startCode = at - payload >= 2 && at + 5 < to && buf.getByte(at) == 1;
        if (!startCode) {
            return payload;
        }
        int b0 = buf.getUnsignedByte(at + 1);
        int b1 = buf.getUnsignedByte(at + 2);
        NalKind kind =
                track.codec().orElseThrow() == CodecId.H264
                        ? NalKind.h264(b0, b1, buf.getUnsignedByte(at + 4))
                        : NalKind.h265(b0, b1, buf.getUnsignedByte(at + 3));
        return kind.beginsAfterSlice() ? 0 : payload;
    }

    /** Lets the PES packet that starts at {@code from} go on where the one at hand stops. */
    private void extend(ByteBuf buf, int from) {
        int declared = buf.getUnsignedShort(from + 4);
        int header = FIXED_HEADER - (9 + buf.getUnsignedByte(from + 8));
        if (whole) {
            length = expected;
        }
        expected = declared == 0 ? OPEN_ENDED : length + declared + header;
        whole = false;
        joins = true;
    }

    private boolean append(ByteBuf buf, int from, int to) {
        int added = to - from;
        if (length + added > bytes.length) {
            int wanted = Math.max(bytes.length * 2, length + added);
            if (length + added > limit || !host.reserve(wanted - bytes.length)) {
                return false;
            }
            bytes = Arrays.copyOf(bytes, wanted);
        }
        buf.getBytes(from, bytes, length, added);
        length += added;
        return true;
    }

    private void finish() {
        if (!open || length == 0) {
            open = false;
            return;
        }
        open = false;
        if (length < FIXED_HEADER || (unsignedShort(0) << 8 | (bytes[2] & 0xFF)) != 1) {
            host.onDamaged(track);
            return;
        }
        int end = expected == UNBOUNDED ? length : Math.min(length, expected);
        int streamId = bytes[3] & 0xFF;
        if (!hasHeader(streamId)) {
            if (streamId != 0xBE) { // padding_stream
                emit(FIXED_HEADER, end, Pts33.NO_TIME, Pts33.NO_TIME);
            }
            return;
        }
        int payload = length >= 9 ? 9 + (bytes[8] & 0xFF) : Integer.MAX_VALUE;
        if (payload > end || (bytes[6] & 0xC0) != 0x80) {
            host.onDamaged(track);
        } else if ((bytes[6] & 0x30) != 0) { // PES_scrambling_control
            host.onScrambled(track);
        } else {
            timed(payload, end);
        }
    }

    private void timed(int payload, int end) {
        int flags = bytes[7] & 0xC0; // PTS_DTS_flags
        boolean hasPts = (flags & 0x80) != 0 && payload >= 14;
        boolean hasDts = flags == 0xC0 && payload >= 19;
        if (!hasPts) {
            emit(payload, end, Pts33.NO_TIME, Pts33.NO_TIME);
            return;
        }
        long pts33 = timestamp(9);
        long dts33 = hasDts ? timestamp(14) : pts33;
        long dts = host.clock().unwrap(dts33);
        emit(payload, end, dts + Pts33.distance(dts33, pts33), dts);
    }

    private void emit(int payload, int end, long pts, long dts) {
        if (payload < end) {
            splitter.payload(bytes, payload, end, pts, dts, marked);
        }
    }

    /** ISO/IEC 13818-1 §2.4.3.7: these have nothing between the length and the payload. */
    static boolean hasHeader(int streamId) {
        return switch (streamId) {
            case 0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF -> false;
            default -> true;
        };
    }

    /** '001x'(4) [32..30](3) marker(1) [29..15](15) marker(1) [14..0](15) marker(1). */
    private long timestamp(int at) {
        return (bytes[at] & 0x0EL) << 29
                | (bytes[at + 1] & 0xFFL) << 22
                | (bytes[at + 2] & 0xFEL) << 14
                | (bytes[at + 3] & 0xFFL) << 7
                | (bytes[at + 4] & 0xFEL) >>> 1;
    }

    private int unsignedShort(int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }
}
