package io.wadi.httpflv;

import io.netty.channel.Channel;
import io.wadi.fanout.Packaging;
import io.wadi.fanout.Viewer;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.ring.UnitSink;

/** Serves what its route brings as FLV, packaged once while somebody watches. */
final class HttpFlvProducer extends UnitProducer implements MediaResource {
    static final String PATH = "live.flv";
    static final String PROTOCOL = "flv";

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
        mount = MediaRoutes.of(endpoint.getCamelContext()).mount(endpoint.getRingId(), this);
        super.doStart();
    }

    private FlvPackager newPackager(UnitSink out) {
        packager = new FlvPackager(out);
        return packager;
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
    public boolean serve(MediaRequest request, MediaResponse response) {
        if (!request.path().equals(PATH)) {
            return false;
        }
        String address = request.remoteAddress();
        String userAgent = request.header("User-Agent").orElse("");
        response.takeOver(FLV_TYPE, channel -> join(channel, request.code(), address, userAgent));
        return true;
    }

    private void join(Channel channel, String code, String address, String userAgent) {
        Viewer viewer = packaging.join(channel, new FlvOpening(dts -> packager.headersAt(dts)));
        ViewerCounter.Session session =
                ViewerCounter.of(endpoint.getCamelContext())
                        .open(code, PROTOCOL, address, userAgent, viewer::sentBytes);
        channel.closeFuture().addListener(_ -> session.close());
    }

    @Override
    public String toString() {
        return "http-flv:" + endpoint.getRingId();
    }
}
