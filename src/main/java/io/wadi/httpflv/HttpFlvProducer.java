package io.wadi.httpflv;

import io.netty.channel.Channel;
import io.wadi.fanout.Packaging;
import io.wadi.http.EndlessResource;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.ring.UnitSink;

import org.apache.camel.CamelContext;

import java.util.function.LongSupplier;

/** Serves what its route brings as FLV, packaged once while somebody watches. */
final class HttpFlvProducer extends UnitProducer {
    static final String PATH = "live.flv";
    static final String PROTOCOL = "http_flv";

    private static final String FLV_TYPE = "video/x-flv";

    private final HttpFlvEndpoint endpoint;
    private Packaging packaging;
    private MediaRoutes.Mount mount;
    private volatile FlvPackager packager;

    HttpFlvProducer(HttpFlvEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        packaging =
                new Packaging(
                        "http-flv:" + endpoint.getRingId(),
                        endpoint.getConfiguration().options(),
                        this::newPackager);
        CamelContext context = endpoint.getCamelContext();
        EndlessResource body =
                new EndlessResource(
                        PATH, PROTOCOL, FLV_TYPE, ViewerCounter.of(context), this::sendTo);
        mount = MediaRoutes.of(context).mount(endpoint.getRingId(), body);
        super.doStart();
    }

    private FlvPackager newPackager(UnitSink out) {
        packager = new FlvPackager(out);
        return packager;
    }

    private LongSupplier sendTo(Channel channel) {
        return packaging.join(channel, new FlvOpening(ms -> packager.headersAt(ms)))::sentBytes;
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (mount != null) {
            mount.close();
            packaging.close();
            mount = null;
        }
    }

    @Override
    public void onUnit(Unit unit) {
        packaging.onUnit(unit);
    }

    @Override
    public void forget() {
        packaging.forget();
    }

    @Override
    public long idleNanos() {
        return packaging.idleNanos();
    }

    @Override
    public String toString() {
        return "http-flv:" + endpoint.getRingId();
    }
}
