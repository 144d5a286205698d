package io.wadi.app;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wadi.http.ContentTag;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;

/**
 * The page and the libraries it uses, from the class path. A file is read once, kept compressed
 * besides, and served from memory.
 */
final class StaticFiles {
    private static final String PAGE = "page/";
    private static final String WEBJARS = "META-INF/resources/webjars/";

    /** Everything the page does is in its own files, so nothing else is let in. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:;"
                    + " manifest-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Map<String, String> CONTENT_TYPES =
            Map.of(
                    "html", "text/html; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "js", "text/javascript; charset=utf-8",
                    "json", "application/json",
                    "map", "application/json",
                    "svg", "image/svg+xml",
                    "png", "image/png");

    /** Swagger UI sets styles on its elements. */
    private static final String SWAGGER_POLICY =
            CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

    private record StaticFile(String type, String policy, String etag, Buffer plain, Buffer gzip) {}

    private final Map<String, Optional<StaticFile>> files = new ConcurrentHashMap<>();

    void mount(Router router) {
        mount(router, "/", "index.html");
        for (String name : new String[] {"page.css", "page.js", "icon.svg"}) {
            mount(router, "/" + name, name);
        }
        mountWebJar(router, "org.webjars.npm", "hls.js", "dist/");
        router.get("/swagger").handler(StaticFiles::addSlash);
        mount(router, "/swagger/", "swagger.html");
        mount(router, "/swagger/page.js", "swagger.js");
        mountWebJar(router, "org.webjars", "swagger-ui", "");
    }

    private void mount(Router router, String path, String name) {
        serve(router, path, request -> PAGE + name);
    }

    /** Serves a WebJar's folder at {@code /webjars/{name}/}, without the version in the path. */
    private void mountWebJar(Router router, String group, String name, String folder) {
        String root = WEBJARS + name + "/" + versionOf(group, name) + "/" + folder;
        String mount = "/webjars/" + name + "/";
        serve(
                router,
                mount + "*",
                request -> {
                    String path = QueryStringDecoder.decodeComponent(request.request().path());
                    String file = path.substring(mount.length());
                    return file.matches("[A-Za-z0-9_.-]+") ? root + file : "";
                });
    }

    /** The router takes a path with and without a slash at its end for the same. */
    private static void addSlash(RoutingContext request) {
        String path = request.request().path();
        if (path.endsWith("/")) {
            request.next();
        } else {
            request.response().setStatusCode(301).putHeader(HttpHeaders.LOCATION, path + "/").end();
        }
    }

    private static String versionOf(String group, String name) {
        Properties properties = new Properties();
        String resource = "META-INF/maven/" + group + "/" + name + "/pom.properties";
        try (InputStream in = StaticFiles.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    private interface Resolver {
        /** The class path resource for a request, "" when there is none. */
        String resource(RoutingContext request);
    }

    private void serve(Router router, String path, Resolver resolver) {
        router.route(path)
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(
                        request -> {
                            Optional<StaticFile> file = find(resolver.resource(request));
                            if (file.isPresent()) {
                                send(request, file.get());
                            } else {
                                request.next();
                            }
                        });
    }

    /** What is not there is not remembered: names come from outside. */
    private Optional<StaticFile> find(String resource) {
        Optional<StaticFile> known = files.get(resource);
        if (known != null) {
            return known;
        }
        Optional<StaticFile> loaded = load(resource);
        loaded.ifPresent(file -> files.put(resource, loaded));
        return loaded;
    }

    private static Optional<StaticFile> load(String resource) {
        String extension = resource.substring(resource.lastIndexOf('.') + 1);
        String type = CONTENT_TYPES.get(extension);
        if (type == null) {
            return Optional.empty();
        }
        try (InputStream in = StaticFiles.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            return Optional.of(
                    new StaticFile(
                            type,
                            resource.endsWith("/swagger.html")
                                    ? SWAGGER_POLICY
                                    : CONTENT_SECURITY_POLICY,
                            '"' + ContentTag.of(bytes) + '"',
                            Buffer.buffer(bytes),
                            Buffer.buffer(gzip(bytes))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static void send(RoutingContext request, StaticFile file) {
        HttpServerResponse response = request.response();
        response.putHeader(HttpHeaders.CONTENT_TYPE, file.type())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.ETAG, file.etag())
                .putHeader(HttpHeaders.VARY, "Accept-Encoding")
                .putHeader("Content-Security-Policy", file.policy())
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer");
        if (file.etag().equals(request.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(304).end();
            return;
        }
        String accepted = request.request().getHeader(HttpHeaders.ACCEPT_ENCODING);
        Buffer body = file.plain();
        if (accepted != null && accepted.contains("gzip")) {
            body = file.gzip();
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        if (request.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length())).end();
        } else {
            response.end(body);
        }
    }
}
