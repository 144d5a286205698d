package io.wadi.httpflv;

import io.netty.channel.Channel;
import io.wadi.fanout.FanOutOptions;
import io.wadi.fanout.Packaging;
import io.wadi.fanout.Successions;
import io.wadi.http.EndlessResource;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.UnitSink;

import org.apache.camel.CamelContext;

import java.util.function.LongSupplier;

/**
 * What viewers of one stream follow, packaged once while there are any. It may outlive the route,
 * see {@link Successions}.
 */
final class HttpFlvOutput implements Successions.Output {
    private static final String FLV_TYPE = "video/x-flv";

    private final Packaging packaging;
    private final MediaRoutes.Mount mount;
    private volatile FlvPackager packager;

    HttpFlvOutput(CamelContext context, String code, FanOutOptions options) {
        packaging = new Packaging("http-flv:" + code, options, this::newPackager);
        EndlessResource body =
                new EndlessResource(
                        HttpFlvProducer.PATH,
                        HttpFlvProducer.PROTOCOL,
                        FLV_TYPE,
                        ViewerCounter.of(context),
                        this::sendTo);
        mount = MediaRoutes.of(context).mount(code, body);
    }

    private FlvPackager newPackager(UnitSink out) {
        packager = new FlvPackager(out);
        return packager;
    }

    private LongSupplier sendTo(Channel channel) {
        return packaging.join(channel, new FlvOpening(ms -> packager.headersAt(ms)))::sentBytes;
    }

    Packaging packaging() {
        return packaging;
    }

    @Override
    public void succeed(FanOutOptions options) {
        packaging.succeed(options);
    }

    @Override
    public void close() {
        mount.close();
        packaging.close();
    }
}
