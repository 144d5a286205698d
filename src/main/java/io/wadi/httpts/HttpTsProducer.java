package io.wadi.httpts;

import io.wadi.fanout.FanOut;
import io.wadi.fanout.Preamble;
import io.wadi.http.EndlessResource;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Ring;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;

import org.apache.camel.CamelContext;

/**
 * Serves what its route brings. The route may have steps that drop or change units, so viewers
 * follow a ring of its own, which shares the memory of the units and adds none.
 */
final class HttpTsProducer extends UnitProducer {
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
        CamelContext context = endpoint.getCamelContext();
        EndlessResource body =
                new EndlessResource(
                        PATH,
                        PROTOCOL,
                        TS_TYPE,
                        ViewerCounter.of(context),
                        channel -> fanOut.join(channel, Preamble.NONE)::sentBytes);
        mount = MediaRoutes.of(context).mount(endpoint.getRingId(), body);
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
    public void forget() {
        ring.clear();
    }

    @Override
    public long idleNanos() {
        return fanOut.idleNanos();
    }

    @Override
    public String toString() {
        return "http-ts:" + endpoint.getRingId();
    }
}
