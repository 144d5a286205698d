package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.wadi.bench.Sample;
import io.wadi.segment.CmafOptions;
import io.wadi.segment.CmafPackager;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

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
 * Fragmenting alone: the units of ten seconds of H.264 and AAC at 5 Mbit/s lie in memory as a ring
 * holds them, and become CMAF segments, over and over, as one stream without end. The column {@code
 * bytes} is bytes of the transport stream a second, on one core.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FragmentBench {
    /** Counted beside the operations, each of which is the whole stream. */
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    public static class Counter {
        public long bytes;
    }

    private final List<Unit> units = new ArrayList<>();
    private final AccessUnitWriter writer =
            new AccessUnitWriter(
                    new UnitWriter(),
                    new UnitSink() {
                        @Override
                        public void onUnit(Unit unit) {
                            units.add(unit.retainedCopy());
                        }
                    });

    private final Unit next = new Unit();
    private DefaultCamelContext context;
    private CmafPackager packager;
    private long shift;
    private long length;
    private long sequence;

    @Setup(Level.Trial)
    public void prepare() throws Exception {
        byte[] bytes = Sample.transportStream();
        ByteBuf stream = PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length);
        stream.writeBytes(bytes);
        TsDemuxer demuxer = new TsDemuxer(new Rewrite());
        demuxer.push(stream, 0, stream.readableBytes());
        demuxer.flush();
        stream.release();
        length = units.getLast().dts - units.getFirst().dts + 3000;
        context = new DefaultCamelContext();
        context.start();
        packager =
                CmafPackager.acquire(
                        context,
                        "bench",
                        new CmafOptions(Duration.ofSeconds(2), 3, 0, Optional.empty()));
    }

    /** As RTMP would bring it: one access unit a unit. */
    private final class Rewrite implements TsDemuxer.Output {
        @Override
        public void onProgram(TsProgram program) {
            program.tracks().forEach(writer::track);
        }

        @Override
        public void onAccessUnit(TsTrack track, long pts, long dts, boolean key, ByteBuf payload) {
            writer.write(track, pts, dts, key, 0, Unpooled.EMPTY_BUFFER, payload);
        }
    }

    @TearDown(Level.Trial)
    public void stop() {
        boolean nothing = packager.tracks().stream().allMatch(t -> t.format().isEmpty());
        long dropped = packager.droppedSamples();
        CmafPackager.release(context, packager);
        context.stop();
        units.forEach(Unit::release);
        writer.close();
        if (nothing || dropped > 0) {
            throw new IllegalStateException("nothing came through, or not all");
        }
    }

    @Benchmark
    public void fragment(Counter counter) {
        long bytes = 0;
        for (Unit unit : units) {
            next.copyOf(unit);
            next.pts += shift;
            next.dts += shift;
            next.arrivalNanos = sequence;
            next.sequence = sequence++;
            packager.onUnit(next);
            bytes += unit.length;
        }
        shift += length;
        counter.bytes += bytes;
    }
}
