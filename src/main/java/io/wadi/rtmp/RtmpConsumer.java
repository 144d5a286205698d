package io.wadi.rtmp;

import io.wadi.ring.AccessUnitWriter;
import io.wadi.ring.MediaMemory;
import io.wadi.ring.UnitRoute;
import io.wadi.ring.UnitWriter;

import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Takes the publisher of one name for a route. */
public final class RtmpConsumer extends DefaultConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(RtmpConsumer.class);

    /** An event loop that does not answer within this is stuck in somebody's sink. */
    private static final long STOP_TIMEOUT_MS = 2_000;

    private final RtmpEndpoint endpoint;
    private RtmpListener listener;
    private PublishInput input;

    RtmpConsumer(RtmpEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    public boolean isHostedService() {
        return true;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        listener = endpoint.getComponent().acquire(endpoint.address());
        UnitWriter units = new UnitWriter(new MediaMemory(endpoint.getMemoryLimit()));
        input =
                new PublishInput(
                        endpoint.address().path(),
                        endpoint.getStreamKey(),
                        endpoint.getOnPublish(),
                        new AccessUnitWriter(units, UnitRoute.sinkOf(this)));
        try {
            listener.register(input);
        } catch (IllegalArgumentException e) {
            input.writer().close();
            input = null;
            releaseListener();
            throw e;
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (input != null) {
            listener.unregister(input);
            Publisher live = input.close();
            if (live == null || stopped(live)) {
                input.writer().close();
            }
            input = null;
        }
        releaseListener();
        super.doStop();
    }

    private void releaseListener() {
        if (listener != null) {
            listener = null;
            endpoint.getComponent().release(endpoint.address());
        }
    }

    private boolean stopped(Publisher live) throws InterruptedException {
        try {
            live.consumerStops().get(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("rtmp: {} did not stop taking units in time", input.path(), e);
            return false;
        }
    }

    /** Where publishers connect to; the port is the real one when the endpoint's is 0. */
    public InetSocketAddress boundAddress() {
        return listener.boundAddress();
    }
}
