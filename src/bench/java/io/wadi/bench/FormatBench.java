package io.wadi.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.wadi.flv.FlvMuxer;
import io.wadi.ring.RingInput;
import io.wadi.ring.Rings;
import io.wadi.ring.TsIntake;
import io.wadi.segment.CmafOptions;
import io.wadi.segment.CmafPackager;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsMuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;
import io.wadi.ts.TsUnitCutter;

import org.apache.camel.impl.DefaultCamelContext;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Bytes of a transport stream a second, on one core. The stream is made by FFmpeg: ten seconds of
 * H.264 and AAC at 5 Mbit/s. The column {@code bytes} is bytes a second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FormatBench {
    private static final int SOCKET_READ = 64 * 1024;
    private static final int ROOM = 8 * 1024 * 1024;

    private record AccessUnit(TsTrack track, long pts, long dts, boolean key, ByteBuf payload) {}

    /** Counted beside the operations, each of which is the whole stream. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Counter {
        public long bytes;
    }

    private final List<AccessUnit> units = new ArrayList<>();
    private ByteBuf stream;
    private ByteBuf out;
    private TsProgram program;
    private DefaultCamelContext context;
    private TsIntake intake;
    private CmafPackager packager;
    private long seen;

    @Setup(Level.Trial)
    public void prepare() throws Exception {
        byte[] bytes = Sample.transportStream();
        stream = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
        out = PooledByteBufAllocator.DEFAULT.directBuffer(ROOM);
        TsDemuxer demuxer = new TsDemuxer(new Keep());
        demuxer.push(stream, 0, stream.readableBytes());
        demuxer.flush();
        context = new DefaultCamelContext();
        context.start();
        var entry = Rings.of(context).acquire("bench");
        packager =
                CmafPackager.acquire(
                        context,
                        "bench",
                        new CmafOptions(Duration.ofSeconds(2), 3, 0, Optional.empty()));
        RingInput input = entry.input(0);
        intake = new TsIntake(input);
        entry.ring().addSink(packager);
    }

    @TearDown(Level.Trial)
    public void stop() {
        intake.close();
        context.stop();
        out.release();
        stream.release();
        if (seen == 0 && packager.tracks().stream().allMatch(t -> t.format().isEmpty())) {
            throw new IllegalStateException("nothing came through");
        }
    }

    private final class Keep implements TsDemuxer.Output {
        @Override
        public void onProgram(TsProgram found) {
            program = found;
        }

        @Override
        public void onAccessUnit(TsTrack track, long pts, long dts, boolean key, ByteBuf payload) {
            units.add(new AccessUnit(track, pts, dts, key, payload.copy()));
        }
    }

    @Benchmark
    public void demultiplex(Counter counter) {
        TsDemuxer demuxer =
                new TsDemuxer(
                        new TsDemuxer.Output() {
                            @Override
                            public void onProgram(TsProgram found) {}

                            @Override
                            public void onAccessUnit(
                                    TsTrack track, long pts, long dts, boolean key, ByteBuf au) {
                                seen += au.readableBytes();
                            }
                        });
        demuxer.push(stream, 0, stream.readableBytes());
        demuxer.flush();
        counter.bytes += stream.readableBytes();
    }

    @Benchmark
    public void multiplex(Counter counter) {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(program.tracks());
        for (AccessUnit unit : units) {
            out.clear();
            muxer.write(
                    unit.track,
                    unit.pts,
                    unit.dts,
                    unit.key,
                    Unpooled.EMPTY_BUFFER,
                    unit.payload,
                    out);
            counter.bytes += out.readableBytes();
        }
        seen++;
    }

    /** Finding the units: what a TS source pays. */
    @Benchmark
    public void cut(Counter counter) {
        TsUnitCutter cutter = new TsUnitCutter((buf, from, length, pts, dts, key, video) -> seen++);
        cutter.push(stream, 0, stream.readableBytes());
        cutter.flush();
        counter.bytes += stream.readableBytes();
    }

    /** From the socket's bytes through the ring into CMAF segments: cut, entered, fragmented. */
    @Benchmark
    public void fragment(Counter counter) {
        for (int at = 0; at < stream.readableBytes(); ) {
            ByteBuf room = intake.begin(SOCKET_READ);
            int part = Math.min(room.writableBytes(), stream.readableBytes() - at);
            part = Math.min(part, SOCKET_READ);
            room.writeBytes(stream, at, part);
            at += part;
            intake.end(System.nanoTime());
        }
        counter.bytes += stream.readableBytes();
    }

    /** Transport stream into FLV tags, as RTMP and HTTP-FLV send them. */
    @Benchmark
    public void flv(Counter counter) {
        try (FlvMuxer muxer = new FlvMuxer(new Tags())) {
            muxer.push(stream, 0, stream.readableBytes(), false);
        }
        counter.bytes += stream.readableBytes();
    }

    private final class Tags implements FlvMuxer.Output {
        @Override
        public void onMetadata(ByteBuf body) {}

        @Override
        public void onSequenceHeader(int type, ByteBuf body) {}

        @Override
        public void onTag(int type, long timestampMs, boolean keyFrame, ByteBuf body) {
            seen += body.readableBytes();
        }
    }
}
