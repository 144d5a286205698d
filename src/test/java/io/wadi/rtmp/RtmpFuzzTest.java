package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.wadi.codec.MalformedException;
import io.wadi.flv.AccessUnits;
import io.wadi.flv.FlvDemuxer;
import io.wadi.ts.TsTrack;

/** Hostile chunks and tags end in MalformedException or a dropped packet, with bounded memory. */
class RtmpFuzzTest {
    @FuzzTest
    void chunks(byte[] bytes) {
        ByteBuf in = Unpooled.copiedBuffer(bytes);
        try (ChunkReader reader =
                new ChunkReader(
                        UnpooledByteBufAllocator.DEFAULT,
                        (type, stream, time, payload) -> payload.skipBytes(0))) {
            reader.read(in);
            assertThat(reader.totalBytes()).isLessThanOrEqualTo(ChunkReader.MAX_TOTAL_BYTES);
        } catch (MalformedException _) {
            // what a hostile peer is disconnected with
        }
    }

    @FuzzTest
    void flv(byte[] bytes) {
        FlvDemuxer demuxer =
                new FlvDemuxer(
                        new AccessUnits() {
                            @Override
                            public void onTrack(TsTrack track) {}

                            @Override
                            public void onAccessUnit(
                                    TsTrack track,
                                    long pts,
                                    long dts,
                                    boolean randomAccess,
                                    ByteBuf prefix,
                                    ByteBuf payload) {
                                assertThat(pts).isGreaterThanOrEqualTo(dts);
                                assertThat(payload.isReadable()).isTrue();
                            }

                            @Override
                            public void onUnsupported(String what) {}
                        });
        ByteBuf tag = Unpooled.copiedBuffer(bytes);
        demuxer.video(1, tag);
        demuxer.audio(1, tag);
        demuxer.video(40, tag);
        demuxer.audio(40, tag);
        assertThat(tag.readableBytes()).isEqualTo(bytes.length);
    }
}
