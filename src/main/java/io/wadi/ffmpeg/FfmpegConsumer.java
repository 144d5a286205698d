package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.TsIntake;
import io.wadi.ring.UnitRoute;
import io.wadi.ring.UnitSink;
import io.wadi.ts.TsPacket;

import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** Reads what FFmpeg makes into media memory and passes it to the route. */
final class FfmpegConsumer extends DefaultConsumer {
    /** A pipe holds as much, so that one read takes what a picture brought. */
    private static final int READ_BYTES = 16 * 1024;

    private final FfmpegEndpoint endpoint;
    private final Source source;
    private Supervisor supervisor;

    FfmpegConsumer(FfmpegEndpoint endpoint, Processor processor, Source source) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.source = source;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        UnitSink sink = UnitRoute.sinkOf(this);
        supervisor =
                new Supervisor(
                        getRouteId() == null ? endpoint.getEndpointUri() : getRouteId(),
                        endpoint.getComponent().binary(),
                        source,
                        output -> read(output, sink),
                        sink::failed,
                        Supervisor.Pace.USUAL);
        supervisor.start();
    }

    @Override
    protected void doStop() throws Exception {
        if (supervisor != null) {
            supervisor.stop();
            supervisor = null;
        }
        super.doStop();
    }

    /**
     * One life of the program: its times start anew each time. It sends MPEG-TS, or MP4 for what
     * FFmpeg cannot name in that; the first byte says which.
     */
    private void read(InputStream output, UnitSink sink) throws IOException {
        PushbackInputStream media = new PushbackInputStream(output);
        int first = media.read();
        if (first < 0) {
            return;
        }
        media.unread(first);
        if (first == TsPacket.SYNC) {
            readTs(media, sink);
        } else {
            readMp4(media, sink);
        }
    }

    private void readMp4(InputStream output, UnitSink sink) throws IOException {
        try (Mp4Intake intake = new Mp4Intake(endpoint.getEndpointUri(), sink)) {
            while (intake.begin(READ_BYTES).writeBytes(output, READ_BYTES) >= 0) {
                intake.end(System.nanoTime());
            }
        }
    }

    private static void readTs(InputStream output, UnitSink sink) throws IOException {
        try (TsIntake intake = new TsIntake(sink)) {
            byte[] unwanted = new byte[READ_BYTES];
            while (true) {
                ByteBuf room = intake.begin(READ_BYTES);
                int count =
                        room == null ? output.read(unwanted) : room.writeBytes(output, READ_BYTES);
                if (count < 0) {
                    return;
                }
                if (room == null) {
                    intake.lost();
                } else {
                    intake.end(System.nanoTime());
                }
            }
        }
    }
}
