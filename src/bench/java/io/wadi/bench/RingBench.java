package io.wadi.bench;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Ring;
import io.wadi.ring.RingReader;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitEndpoint;
import io.wadi.ring.UnitProducer;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;

import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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

/**
 * What a unit costs from the writer to the same counting consumer: added to the ring itself, at the
 * end of a fused route, of a route with a step, and in a second ring behind a fused route, which
 * has its own timeline and continuity counters. Run with {@code -prof gc} for what is allocated.
 * The unit is an audio frame of two packets, so that the cost is the ring's and not that of copying
 * bytes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RingBench {
    private static final int BYTES = 2 * 188;
    private static final int GOP_UNITS = 150;

    @Param({"ring", "reader", "fused", "unfused", "entry"})
    public String path;

    private final UnitWriter writer = new UnitWriter();
    private DefaultCamelContext context;
    private UnitSink entry;
    private Ring ring;
    private RingReader reader;
    private long count;
    private long seen;

    @Setup(Level.Trial)
    public void start() throws Exception {
        context = new DefaultCamelContext();
        context.start();
        ring = Rings.of(context).acquire("in").ring();
        entry = ring::append;
        UnitSink sink = unit -> seen += unit.length();
        switch (path) {
            case "ring" -> ring.addSink(sink);
            case "reader" -> reader = ring.openReader(() -> {});
            case "fused" -> route(false, new CountEndpoint(context));
            case "unfused" -> route(true, new CountEndpoint(context));
            default -> {
                route(false, context.getEndpoint("ring:out"));
                Rings.of(context).find("out").orElseThrow().ring().addSink(sink);
            }
        }
    }

    private void route(boolean step, Endpoint to) throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        var route = from("ring:in").errorHandler(noErrorHandler());
                        if (step) {
                            route.process(exchange -> {}).to(to);
                        } else {
                            route.to(to);
                        }
                    }
                });
    }

    /** Counts the bytes of the units that a route brings. */
    private final class CountEndpoint extends UnitEndpoint {
        CountEndpoint(CamelContext context) {
            super("count:bytes", null);
            setCamelContext(context);
        }

        @Override
        public Producer createProducer() {
            return new UnitProducer(this) {
                @Override
                public void onUnit(Unit unit) {
                    seen += unit.length();
                }
            };
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            throw new UnsupportedOperationException("count: only takes units");
        }
    }

    @TearDown(Level.Trial)
    public void stop() {
        context.stop();
        writer.close();
        if (seen == 0) {
            throw new IllegalStateException("no unit came through");
        }
    }

    @Benchmark
    public void unit() {
        ByteBuf room = writer.begin(BYTES);
        room.writerIndex(room.writerIndex() + BYTES);
        long dts = count * 1200;
        int flags = count++ % GOP_UNITS == 0 ? Unit.RANDOM_ACCESS : 0;
        writer.end(dts, dts, count, flags, entry);
        if (reader != null) {
            seen += reader.poll().length();
        }
    }
}
