package io.wadi.flv;

import static io.wadi.testing.Golden.assertGolden;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.MalformedException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** What FFmpeg wrote as MPEG-TS, as tags: legacy ones and those of Enhanced RTMP. */
class FlvMuxerGoldenTest {
    private static final int SHOWN_BYTES = 16;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264-aac.ts",
                "h264-bframes.ts",
                "hevc-ac3.ts",
                "mp3.ts",
                "opus.ts",
                "eac3.ts"
            })
    void writesTags(String sample) throws Exception {
        ByteBuf ts =
                Unpooled.wrappedBuffer(
                        Files.readAllBytes(Path.of("src/test/resources/ts").resolve(sample)));
        Dump dump = new Dump();
        try (FlvMuxer muxer = new FlvMuxer(dump)) {
            muxer.push(ts, 0, ts.readableBytes(), /* accessUnit= */ false);
        }
        assertGolden("flv/" + sample + ".txt", dump.text.toString());
    }

    private static final class Dump implements FlvMuxer.Output {
        final StringBuilder text = new StringBuilder();

        @Override
        public void onMetadata(ByteBuf body) {
            text.append("script ").append(ByteBufUtil.hexDump(body)).append('\n');
            try {
                for (AmfValue value : Amf0.readAll(body.duplicate())) {
                    text.append("  ").append(value).append('\n');
                }
            } catch (MalformedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onSequenceHeader(int type, ByteBuf body) {
            text.append(name(type)).append(" header ").append(ByteBufUtil.hexDump(body));
            text.append('\n');
        }

        @Override
        public void onTag(int type, long timestampMs, boolean keyFrame, ByteBuf body) {
            CRC32 crc = new CRC32();
            crc.update(body.nioBuffer());
            int shown = Math.min(SHOWN_BYTES, body.readableBytes());
            text.append(
                    "%s %d ms%s %d bytes %s crc %08x\n"
                            .formatted(
                                    name(type),
                                    timestampMs,
                                    keyFrame ? " key" : "",
                                    body.readableBytes(),
                                    ByteBufUtil.hexDump(body, body.readerIndex(), shown),
                                    crc.getValue()));
        }

        private static String name(int type) {
            return type == FlvTags.VIDEO ? "video" : "audio";
        }
    }
}
