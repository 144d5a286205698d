package io.wadi.httpts;

import io.netty.channel.Channel;
import io.wadi.fanout.FanOut;
import io.wadi.fanout.Preamble;
import io.wadi.fanout.Viewer;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Ring;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;

/**
 * Serves what its route brings. The route may have steps that drop or change units, so viewers
 * follow a ring of its own, which shares the memory of the units and adds none.
 */
final class HttpTsProducer extends UnitProducer implements MediaResource {
    static final String PATH = "mpegts";
    static final String PROTOCOL = "mpegts";

    private static final String TS_TYPE = "video/mp2t";

    private final HttpTsEndpoint endpoint;
    private Ring ring;
    private FanOut fanOut;
    private MediaRoutes.Mount mount;

    HttpTsProducer(HttpTsEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        ring = new Ring("http-ts:" + endpoint.getRingId(), Rings.DEFAULT_CAPACITY_PACKETS);
        fanOut = new FanOut(ring, endpoint.getConfiguration().options());
        mount = MediaRoutes.of(endpoint.getCamelContext()).mount(endpoint.getRingId(), this);
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (mount != null) {
            mount.close();
            fanOut.close();
            ring.close();
            mount = null;
        }
    }

    @Override
    public void onUnit(Unit unit) {
        ring.append(unit);
    }

    @Override
    public boolean serve(MediaRequest request, MediaResponse response) {
        if (!request.path().equals(PATH)) {
            return false;
        }
        String address = request.remoteAddress();
        String userAgent = request.header("User-Agent").orElse("");
        response.takeOver(TS_TYPE, channel -> join(channel, request.code(), address, userAgent));
        return true;
    }

    private void join(Channel channel, String code, String address, String userAgent) {
        Viewer viewer = fanOut.join(channel, Preamble.NONE);
        ViewerCounter.Session session =
                ViewerCounter.of(endpoint.getCamelContext())
                        .open(code, PROTOCOL, address, userAgent, viewer::sentBytes);
        channel.closeFuture().addListener(_ -> session.close());
    }

    @Override
    public String toString() {
        return "http-ts:" + endpoint.getRingId();
    }
}
