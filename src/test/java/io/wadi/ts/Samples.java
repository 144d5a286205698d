package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/** The transport streams under src/test/resources/ts, and what a demultiplexer makes of them. */
final class Samples {
    private Samples() {}

    static byte[] read(String name) {
        try (InputStream in = Samples.class.getResourceAsStream("/ts/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no sample " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One access unit, copied. */
    record AccessUnit(TsTrack track, long pts, long dts, boolean randomAccess, List<Byte> bytes) {
        AccessUnit(TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
            this(track, pts, dts, randomAccess, boxed(ByteBufUtil.getBytes(payload)));
        }

        byte[] array() {
            byte[] array = new byte[bytes.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = bytes.get(i);
            }
            return array;
        }

        private static List<Byte> boxed(byte[] array) {
            List<Byte> list = new ArrayList<>(array.length);
            for (byte b : array) {
                list.add(b);
            }
            return list;
        }
    }

    /** Collects everything. */
    static final class Collector implements TsDemuxer.Output {
        final List<TsProgram> programs = new ArrayList<>();
        final List<AccessUnit> units = new ArrayList<>();
        final List<TsTrack> losses = new ArrayList<>();
        final List<Long> pcrs = new ArrayList<>();
        final List<String> sections = new ArrayList<>();
        final StringBuilder dump = new StringBuilder();

        @Override
        public void onProgram(TsProgram program) {
            programs.add(program);
            dump.append(
                    "program %d pmt 0x%X version %d pcr 0x%X%n"
                            .formatted(
                                    program.programNumber(),
                                    program.pmtPid(),
                                    program.version(),
                                    program.pcrPid()));
            for (TsTrack track : program.tracks()) {
                dump.append("  track ").append(track).append('\n');
            }
        }

        @Override
        public void onAccessUnit(
                TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
            AccessUnit unit = new AccessUnit(track, pts, dts, randomAccess, payload);
            units.add(unit);
            byte[] bytes = unit.array();
            CRC32 crc = new CRC32();
            crc.update(bytes);
            dump.append(
                    "0x%X pts %d dts %d%s %d bytes %s crc %08x%n"
                            .formatted(
                                    track.pid(),
                                    pts,
                                    dts,
                                    randomAccess ? " RA" : "",
                                    bytes.length,
                                    HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length)),
                                    crc.getValue()));
        }

        @Override
        public void onPcr(int pid, long pcr27MHz) {
            pcrs.add(pcr27MHz);
        }

        @Override
        public void onLoss(TsTrack track) {
            losses.add(track);
            dump.append("loss 0x%X%n".formatted(track.pid()));
        }

        @Override
        public void onSection(TsTrack track, ByteBuf section) {
            sections.add(track.pid() + ":" + ByteBufUtil.hexDump(section));
        }
    }

    static Collector demux(byte[] stream) {
        Collector collector = new Collector();
        TsDemuxer demuxer = new TsDemuxer(collector);
        demuxer.push(Unpooled.wrappedBuffer(stream), 0, stream.length);
        demuxer.flush();
        return collector;
    }
}
