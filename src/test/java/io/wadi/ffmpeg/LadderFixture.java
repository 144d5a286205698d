package io.wadi.ffmpeg;

import io.wadi.ring.Ring;
import io.wadi.ring.Rings;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/** A Camel context with transcoders in it. */
final class LadderFixture implements AutoCloseable {
    final DefaultCamelContext camel = new DefaultCamelContext();
    final Path notes;

    /**
     * @param program the FFmpeg to run
     * @param maxRestarts after which an encoder is given up; 0: never
     */
    LadderFixture(Path folder, String program, int maxRestarts) {
        notes = folder.resolve("run");
        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(program);
        component.setRunDir(notes.toString());
        component.setMaxRestarts(maxRestarts);
        component.setMaxWorkers(16);
        camel.addComponent("ffmpeg", component);
    }

    /** A route from any endpoint into the ring of a stream. */
    void source(String uri, String stream) throws Exception {
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(uri).to("ring:" + stream);
                    }
                });
    }

    /** A route from the ring of a stream to an encoder. */
    void encode(String stream, String ladder) throws Exception {
        String encoded =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(ladder.getBytes(StandardCharsets.UTF_8));
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ring:" + stream).to("ffmpeg:" + stream + "?ladder=" + encoded);
                    }
                });
    }

    /** The ring of a rendition. */
    Ring ring(String stream, int track) {
        return Rings.of(camel).find(stream + "/track_" + track).orElseThrow().ring();
    }

    Transcoders.RungState rung(String stream, int track) {
        return Transcoders.of(camel).of(stream).stream()
                .filter(rung -> rung.track() == track)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        camel.close();
    }
}
