package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class ProgramTablesTest {
    private final List<TsProgram> programs = new ArrayList<>();
    private final TsDemuxer demuxer =
            new TsDemuxer(
                    new TsDemuxer.Output() {
                        @Override
                        public void onProgram(TsProgram program) {
                            programs.add(program);
                        }

                        @Override
                        public void onAccessUnit(
                                TsTrack track,
                                long pts,
                                long dts,
                                boolean randomAccess,
                                ByteBuf payload) {}
                    });

    private static ByteBuf tables(int version, CodecId codec) {
        ByteBuf packets = Unpooled.buffer();
        List<TsTrack> tracks = List.of(TsTrack.of(0x100, codec, ""));
        PsiWriter.packetise(TsPacket.PAT_PID, PsiWriter.pat(TsTrack.PMT_PID), packets);
        PsiWriter.packetise(TsTrack.PMT_PID, PsiWriter.pmt(version, 0x100, tracks), packets);
        return packets;
    }

    private List<CodecId> push(ByteBuf packets) {
        demuxer.push(packets, 0, packets.readableBytes());
        return programs.stream()
                .flatMap(p -> p.tracks().stream())
                .map(TsTrack::codec)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Who leaves units out may see the same counter again, a whole turn later. */
    @Test
    void anotherProgramMapIsNoDuplicateAfterAReset() {
        assertThat(push(tables(0, CodecId.H264))).containsExactly(CodecId.H264);
        assertThat(push(tables(0, CodecId.H264))).containsExactly(CodecId.H264);
        demuxer.reset();
        assertThat(push(tables(1, CodecId.AV1))).containsExactly(CodecId.H264, CodecId.AV1);
        assertThat(demuxer.stats().badSections()).isZero();
    }
}
