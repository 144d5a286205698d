package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.codec.Aac;
import io.wadi.codec.Av1;
import io.wadi.codec.CodecId;
import io.wadi.codec.FormatProbe;
import io.wadi.codec.TrackFormat;
import io.wadi.matroska.MatroskaTrack;
import io.wadi.matroska.MatroskaWriter;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitTimes;
import io.wadi.ts.Pts33;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Matroska, for sources in AV1 or VP9, which FFmpeg does not know in MPEG-TS. Not fragmented MP4:
 * FFmpeg keeps an index of every fragment and sample that it has read of one, for ever.
 *
 * <p>Times are the stream's, from the last wrap of its 33 bits before the first picture on: what
 * FFmpeg would make of the same units in MPEG-TS, so that all that is told to it about times holds
 * for both. Nothing that does not fit the header is written; when it does not fit any more, another
 * process follows.
 */
final class MatroskaFeed implements FeedFormat {
    /** A key picture, most often; grows to the largest. */
    private static final int FIRST_CAPACITY = 64 * 1024;

    private static final long TICKS_PER_SECOND = 90_000;

    private static final class Track {
        final int pid;
        final int number;
        final TrackFormat format;
        final FormatProbe probe;

        Track(int pid, int number, TrackFormat format) {
            this.pid = pid;
            this.number = number;
            this.format = format;
            this.probe = FormatProbe.of(format.codec());
        }
    }

    private final Track[] tracks;
    private final TsDemuxer demuxer = new TsDemuxer(new Demuxed());
    private final ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(FIRST_CAPACITY);

    /** What FFmpeg's times count from. */
    private long base;

    private final UnitTimes times = new UnitTimes();

    MatroskaFeed(SourceTracks source) {
        List<MatroskaTrack> header = new ArrayList<>();
        tracks = new Track[source.fed().size()];
        for (SourceTracks.Fed fed : source.fed()) {
            int number = header.size() + 1;
            tracks[number - 1] = new Track(fed.pid(), number, fed.format());
            header.add(new MatroskaTrack(number, fed.format(), fed.language()));
        }
        MatroskaWriter.writeHeader(out, header);
    }

    @Override
    public void start(long firstPts) {
        base = Math.floorDiv(firstPts, Pts33.MODULUS) * Pts33.MODULUS;
    }

    @Override
    public void tables(ByteBuf packets, WritableByteChannel process) throws IOException {
        demuxer.push(packets, packets.readerIndex(), packets.readableBytes());
        send(process);
    }

    @Override
    public void write(Unit unit, WritableByteChannel process) throws IOException {
        if (unit.isDiscontinuity()) {
            // What is half done belongs to the time before.
            demuxer.flush();
            demuxer.reset();
        }
        times.onUnit(unit);
        demuxer.push(unit.slab(), unit.offset(), unit.length());
        if (unit.isAccessUnit()) {
            demuxer.flush();
        }
        send(process);
    }

    private void send(WritableByteChannel process) throws IOException {
        ByteBuffer bytes = out.nioBuffer();
        while (bytes.hasRemaining()) {
            process.write(bytes);
        }
        out.clear();
    }

    private final class Demuxed implements TsDemuxer.Output {
        @Override
        public void onProgram(TsProgram program) {
            // Another one that matters brings another process.
        }

        @Override
        public void onAccessUnit(
                TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
            for (Track fed : tracks) {
                if (fed.pid == track.pid() && isOf(fed, track, payload)) {
                    write(fed, pts, dts, randomAccess, payload);
                }
            }
        }
    }

    /** Whether the header tells how to decode it; of the other codecs each frame does. */
    private static boolean isOf(Track fed, TsTrack track, ByteBuf payload) {
        CodecId codec = fed.format.codec();
        if (track.codec().filter(codec::equals).isEmpty()) {
            return false;
        }
        if (codec == CodecId.AAC) {
            fed.probe.inspect(payload);
            return fed.probe.format().filter(fed.format::equals).isPresent();
        }
        return true;
    }

    private void write(Track track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
        if (pts == Pts33.NO_TIME || dts == Pts33.NO_TIME || !times.isKnown()) {
            return;
        }
        long ticks = times.toStream(dts) + (pts - dts) - base;
        int from = start(track.format.codec(), payload);
        int size = payload.writerIndex() - from;
        if (ticks < 0 || size <= 0) {
            return;
        }
        long time = Math.multiplyFull((int) (ticks % TICKS_PER_SECOND), MatroskaWriter.TIMESCALE);
        time = (time + TICKS_PER_SECOND / 2) / TICKS_PER_SECOND;
        time += ticks / TICKS_PER_SECOND * MatroskaWriter.TIMESCALE;
        MatroskaWriter.writeFrameHead(out, track.number, time, randomAccess, size);
        out.writeBytes(payload, from, size);
    }

    /**
     * Where the bytes start that a block has: temporal delimiters and ADTS headers are left out.
     */
    private static int start(CodecId codec, ByteBuf payload) {
        return switch (codec) {
            case AV1 -> Av1.afterTemporalDelimiter(payload);
            case AAC -> payload.readerIndex() + Aac.headerSize(payload, payload.readerIndex());
            case VP9, MP3, AC3, EAC3, OPUS, FLAC, H264, H265 -> payload.readerIndex();
        };
    }

    @Override
    public void close() {
        out.release();
    }
}
