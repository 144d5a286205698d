package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/** Cutting a picture of 9,000 bytes into chunks, what each message costs once for all players. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChunkBench {
    private static final int PICTURE = 9_000;

    @Param({"128", "4096", "65536"})
    public int chunkSize;

    private final ChunkWriter chunks = new ChunkWriter();
    private ByteBuf picture;
    private ByteBuf out;

    @Setup
    public void prepare() {
        picture = PooledByteBufAllocator.DEFAULT.directBuffer(PICTURE).writeZero(PICTURE);
        out = PooledByteBufAllocator.DEFAULT.directBuffer(2 * PICTURE);
        chunks.setChunkSize(chunkSize);
    }

    @TearDown
    public void stop() {
        picture.release();
        out.release();
    }

    @Benchmark
    public int chunk() {
        out.clear();
        picture.readerIndex(0);
        chunks.write(6, MessageType.VIDEO, 1, 40_000, picture, out);
        return out.readableBytes();
    }
}
