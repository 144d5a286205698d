package io.wadi.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;

import org.apache.camel.CamelContext;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The media routes of a Camel context on a port of their own. */
public final class MediaServer implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private volatile Consumer<ByteBuf> spy;

    public MediaServer(CamelContext context) throws Exception {
        this(MediaRoutes.of(context), TrustedProxies.NONE);
    }

    MediaServer(MediaRoutes routes, TrustedProxies proxies) throws Exception {
        Router router = Router.router(vertx);
        MediaHttp media = new MediaHttp(routes, proxies);
        MediaHttp.refuseHostile(router);
        server =
                vertx.createHttpServer(
                                MediaHttp.limit(new HttpServerOptions()).setHost("localhost"))
                        .requestHandler(media.before(router))
                        .connectionHandler(this::spyOn)
                        .listen(0)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
    }

    /** Shows what is written to connections made from now on, as the transport gets it. */
    void spy(Consumer<ByteBuf> written) {
        spy = written;
    }

    private void spyOn(HttpConnection connection) {
        Consumer<ByteBuf> watcher = spy;
        if (watcher != null) {
            ((ConnectionBase) connection)
                    .channel()
                    .pipeline()
                    .addFirst(
                            new ChannelOutboundHandlerAdapter() {
                                @Override
                                public void write(
                                        ChannelHandlerContext context,
                                        Object message,
                                        ChannelPromise promise) {
                                    if (message instanceof ByteBuf bytes) {
                                        watcher.accept(bytes);
                                    }
                                    context.write(message, promise);
                                }
                            });
        }
    }

    public int port() {
        return server.actualPort();
    }

    public String url(String path) {
        return "http://localhost:" + port() + path;
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }
}
