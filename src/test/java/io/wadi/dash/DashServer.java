package io.wadi.dash;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaRoutes;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Serves media routes from the JDK's HTTP server. */
final class DashServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final MediaRoutes routes;

    private final AtomicInteger requests = new AtomicInteger();

    DashServer(MediaRoutes routes) throws IOException {
        this.routes = routes;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
    }

    /** Requests that came so far. */
    int requests() {
        return requests.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            String path = exchange.getRequestURI().getPath();
            int slash = path.indexOf('/', 1);
            String code = slash < 0 ? "" : path.substring(1, slash);
            Answer answer = new Answer();
            for (MediaResource resource : routes.find(code)) {
                if (resource.serve(request(exchange, code, path.substring(slash + 1)), answer)) {
                    answer.await();
                    break;
                }
            }
            answer(exchange, answer.status, answer.type, answer.body);
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static final class Answer implements MediaResponse {
        private int status = 404;
        private String type = "text/plain";
        private byte[] body = {};
        private final CountDownLatch given = new CountDownLatch(1);

        /** The resource may answer later, from another thread. */
        void await() {
            try {
                if (!given.await(20, TimeUnit.SECONDS)) {
                    status = 504;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void send(String contentType, CachePolicy cache, String etag, ByteBuf bytes) {
            status = 200;
            type = contentType;
            body = ByteBufUtil.getBytes(bytes);
            bytes.release();
            given.countDown();
        }

        @Override
        public void takeOver(String contentType, Consumer<Channel> taken) {
            throw new UnsupportedOperationException("DASH has no endless answers");
        }

        @Override
        public void notFound(String what) {
            body = what.getBytes(StandardCharsets.UTF_8);
            given.countDown();
        }
    }

    private static MediaRequest request(HttpExchange exchange, String code, String path) {
        return (MediaRequest)
                Proxy.newProxyInstance(
                        DashServer.class.getClassLoader(),
                        new Class<?>[] {MediaRequest.class},
                        (proxy, method, args) ->
                                switch (method.getName()) {
                                    case "code" -> code;
                                    case "path" -> path;
                                    case "header" ->
                                            Optional.ofNullable(
                                                    exchange.getRequestHeaders()
                                                            .getFirst((String) args[0]));
                                    case "query" -> Optional.empty();
                                    case "isHead" -> exchange.getRequestMethod().equals("HEAD");
                                    case "remoteAddress" -> "127.0.0.1";
                                    default ->
                                            throw new UnsupportedOperationException(
                                                    method.getName());
                                });
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
