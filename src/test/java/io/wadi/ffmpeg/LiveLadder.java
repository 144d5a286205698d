package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.http.MediaServer;
import io.wadi.testing.Tools;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** A stream with real encoders, served as HLS and DASH, whose source is changed while it runs. */
final class LiveLadder implements AutoCloseable {
    private static final String SOURCE = "source";
    private static final Duration LIMIT = Duration.ofSeconds(40);

    final DefaultCamelContext context = new DefaultCamelContext();
    final MediaServer server;
    private int processes;
    private final HttpClient http = HttpClient.newHttpClient();

    LiveLadder(Path folder, String packaging, int renditions, List<String> ladders)
            throws Exception {
        this(Tools.ffmpeg(), folder, packaging, renditions, ladders);
    }

    /**
     * @param program the FFmpeg to run
     * @param packaging options of {@code hls:}
     * @param ladders one a process
     */
    LiveLadder(String program, Path folder, String packaging, int renditions, List<String> ladders)
            throws Exception {
        FfmpegComponent ffmpeg = new FfmpegComponent();
        ffmpeg.setFfmpegPath(program);
        ffmpeg.setRunDir(folder.resolve("run").toString());
        context.addComponent("ffmpeg", ffmpeg);
        server = new MediaServer(context);
        context.start();
        for (int i = 1; i <= renditions; i++) {
            route("hls/" + i, "ring:demo/track_" + i, "hls:demo/track_" + i + packaging);
            route("dash/" + i, "ring:demo/track_" + i, "dash:demo/track_" + i + dash(packaging));
        }
        route("http-ts", "ring:demo/track_best", "http-ts:demo");
        for (String ladder : ladders) {
            add(ladder);
        }
    }

    /** One more process. */
    void add(String ladder) throws Exception {
        byte[] json = ladder.getBytes(StandardCharsets.UTF_8);
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(json);
        processes++;
        route("abr/" + processes, "ring:demo", "ffmpeg:demo?ladder=" + encoded);
    }

    private static String dash(String packaging) {
        return packaging.replaceAll("&?container=\\w+", "");
    }

    private void route(String id, String from, String to) throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(from).routeId(id).to(to);
                    }
                });
    }

    /** Another source takes the place of the one before. */
    void source(String size) throws Exception {
        if (context.getRoute(SOURCE) != null) {
            context.getRouteController().stopRoute(SOURCE);
            context.removeRoute(SOURCE);
        }
        route(
                SOURCE,
                "ffmpeg:testsrc2?size=" + size + "&rate=25&videoBitrate=1000k&gop=1",
                "ring:demo");
    }

    Transcoders.RungState rung(int track) {
        return Transcoders.of(context).of("demo").get(track - 1);
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.url("/demo/" + path))).timeout(LIMIT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    byte[] bytes(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(path))).timeout(LIMIT).build();
        HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return answer.body();
    }

    String url(String path) {
        return server.url("/demo/" + path);
    }

    @Override
    public void close() throws Exception {
        http.close();
        context.close();
        server.close();
    }
}
