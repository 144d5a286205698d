package io.wadi.httpts;

import io.wadi.fanout.Continuation;
import io.wadi.fanout.FanOut;
import io.wadi.fanout.FanOutOptions;
import io.wadi.fanout.Preamble;
import io.wadi.fanout.Successions;
import io.wadi.http.EndlessResource;
import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Ring;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;

import org.apache.camel.CamelContext;

/**
 * What viewers of one stream follow: a ring that shares the memory of the units that a route brings
 * and adds none. It may outlive the route, see {@link Successions}.
 */
final class HttpTsOutput implements Successions.Output {
    private static final String TS_TYPE = "video/mp2t";

    private final Ring ring;
    private final FanOut fanOut;
    private final Continuation continuation;
    private final MediaRoutes.Mount mount;

    HttpTsOutput(CamelContext context, String code, FanOutOptions options) {
        ring = new Ring("http-ts:" + code, Rings.DEFAULT_CAPACITY_PACKETS);
        fanOut = new FanOut(ring, options);
        continuation = new Continuation(fanOut::disconnectAll);
        EndlessResource body =
                new EndlessResource(
                        HttpTsProducer.PATH,
                        HttpTsProducer.PROTOCOL,
                        TS_TYPE,
                        ViewerCounter.of(context),
                        channel -> fanOut.join(channel, Preamble.NONE)::sentBytes);
        mount = MediaRoutes.of(context).mount(code, body);
    }

    void onUnit(Unit unit) {
        if (continuation.admits(unit)) {
            ring.append(unit);
        }
    }

    void forget() {
        ring.clear();
    }

    long idleNanos() {
        return fanOut.idleNanos();
    }

    @Override
    public void succeed(FanOutOptions options) {
        fanOut.setOptions(options);
        continuation.next();
    }

    @Override
    public void close() {
        mount.close();
        fanOut.close();
        ring.close();
    }
}
