package io.wadi.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.store.RevisionedStore;
import io.wadi.store.Revisions;
import io.wadi.store.YamlStreamStore;
import io.wadi.stream.InputSupervisor;
import io.wadi.stream.Reconciler;
import io.wadi.stream.Settings;
import io.wadi.stream.SpecJson;

import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** The API with its routes as they ship, over real HTTP; the media routes are timers and logs. */
final class ApiServer implements AutoCloseable {
    final DefaultCamelContext context = new DefaultCamelContext();
    final Path streams;
    final int port;

    /** As the real server, which takes no HTTP/2. */
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Reconciler reconciler;

    ApiServer(Path folder, RuntimeView runtime) throws Exception {
        streams = folder.resolve("streams");
        Files.createDirectories(streams);
        Files.copy(Path.of("routes/api.yaml"), folder.resolve("api.yaml"));
        String media =
                Files.readString(Path.of("routes/media.yaml"))
                        .replace("\"{{from}}\"", "\"timer:never?period=3600000&delay=3600000\"")
                        .replace("\"{{to}}\"", "\"log:sink\"");
        Files.writeString(folder.resolve("media.yaml"), media);
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var configuration = new VertxPlatformHttpServerConfiguration();
        configuration.setBindHost("127.0.0.1");
        configuration.setBindPort(port);
        configuration.setMaxBodySize((long) ApiHttp.MAX_BODY_BYTES);
        context.addService(new VertxPlatformHttpServer(configuration));
        context.start();
        ApiHttp.install(
                VertxPlatformHttpRouter.lookup(
                        context, VertxPlatformHttpRouter.getRouterNameFromPort(port)),
                () -> true);
        Clock clock = Clock.systemUTC();
        RevisionedStore store =
                new RevisionedStore(
                        new YamlStreamStore(streams),
                        new Revisions(streams.resolve(".revisions"), clock));
        reconciler =
                new Reconciler(
                        context, store, folder, Settings.DEFAULT, java.util.List.of(), clock);
        StreamsApi api = new StreamsApi(store, reconciler, runtime, clock);
        var registry = context.getRegistry();
        registry.bind("streamsApi", api);
        registry.bind("revisionsApi", new RevisionsApi(store.revisions(), api));
        registry.bind("inputsApi", new InputsApi(store, InputSupervisor.of(context)));
        registry.bind("openApi", new OpenApi());
        registry.bind("configApi", new ConfigApi(new NoConfig()));
        registry.bind("configYamlApi", new ConfigYamlApi(new NoConfig(), store, api));
        FfmpegComponent ffmpeg = new FfmpegComponent();
        ffmpeg.setWatermarkDir(folder.resolve("watermarks").toString());
        registry.bind("watermarksApi", new WatermarksApi(ffmpeg.watermarks(), store));
        assertThat(reconciler.start().problems()).isEmpty();
    }

    /** The configuration is the server's, which is not here. */
    private static final class NoConfig implements ServerConfig {
        @Override
        public ObjectNode describe() {
            return SpecJson.mapper().createObjectNode();
        }

        @Override
        public ObjectNode defaults() {
            return describe();
        }

        @Override
        public ObjectNode merge(ObjectNode change) {
            return describe();
        }
    }

    Reconciler reconciler() {
        return reconciler;
    }

    HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    }

    HttpResponse<String> send(String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = request(method, path, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    static JsonNode json(HttpResponse<String> response) throws Exception {
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        return SpecJson.mapper().readTree(response.body());
    }

    @Override
    public void close() {
        reconciler.close();
        context.stop();
    }
}
