package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The start of a real access unit, the configuration record that FFmpeg 5.1 wrote for it to MP4,
 * and what ffprobe says of the elementary stream.
 */
record Sample(
        String name,
        CodecId codec,
        CodecConfig unitBytes,
        CodecConfig codecConfig,
        Properties probe) {
    private static final Path FOLDER = Path.of("src/test/resources/codec/samples");

    static List<Sample> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().map(Sample::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Sample of(String name) {
        return read(FOLDER.resolve(name + ".txt"));
    }

    private static Sample read(Path file) {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Sample(
                file.getFileName().toString().replace(".txt", ""),
                CodecId.valueOf(properties.getProperty("codec")),
                CodecConfig.copyOf(ByteBufUtil.decodeHexDump(properties.getProperty("unit"))),
                CodecConfig.copyOf(ByteBufUtil.decodeHexDump(properties.getProperty("config"))),
                properties);
    }

    ByteBuf unitBuf() {
        return Unpooled.wrappedBuffer(unit());
    }

    byte[] unit() {
        return unitBytes.toArray();
    }

    byte[] config() {
        return codecConfig.toArray();
    }

    TrackFormat format() {
        FormatProbe probe = FormatProbe.of(codec);
        probe.inspect(unitBuf());
        return probe.format().orElseThrow();
    }

    int number(String key) {
        return Integer.parseInt(probe.getProperty(key));
    }

    double ratio(String key) {
        String[] parts = probe.getProperty(key).split("[/:]", 2);
        return Double.parseDouble(parts[0]) / Double.parseDouble(parts[1]);
    }

    @Override
    public String toString() {
        return name;
    }
}
