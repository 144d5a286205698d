package io.wadi.app;

import io.wadi.api.ApiHttp;
import io.wadi.api.TranscoderEvents;
import io.wadi.api.WatermarkUpload;
import io.wadi.ring.Rings;
import io.wadi.rtmp.RtmpComponent;
import io.wadi.stream.Reconciler;

import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.support.LifecycleStrategySupport;

/**
 * The order of the start: folders and listeners first, so that what cannot work is said before
 * anything runs; then the Camel context; then the streams.
 */
final class Startup implements CamelContextConfiguration {
    private final WadiProperties properties;
    private final Front front;
    private final Reconciler reconciler;
    private final TranscoderEvents transcoderEvents;
    private final WatermarkUpload watermarkUpload;

    Startup(
            WadiProperties properties,
            Front front,
            Reconciler reconciler,
            TranscoderEvents transcoderEvents,
            WatermarkUpload watermarkUpload) {
        this.watermarkUpload = watermarkUpload;
        this.transcoderEvents = transcoderEvents;
        this.properties = properties;
        this.front = front;
        this.reconciler = reconciler;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        Folders.requireWritable("wadi.data.dir", properties.data().dir());
        Rings.of(context).setCapacityPackets(properties.buffer().capacity());
        front.open(context);
        ApiHttp.install(front.router(), front::isAnnounced);
        transcoderEvents.install(front.router());
        watermarkUpload.install(front.router());
        if (properties.listeners().rtmp().enabled()) {
            openRtmp(context);
        }
        context.addLifecycleStrategy(
                new LifecycleStrategySupport() {
                    @Override
                    public void onContextStopping(CamelContext stopping) {
                        reconciler.close();
                    }
                });
    }

    private static void openRtmp(CamelContext context) {
        RtmpComponent rtmp = context.getComponent("rtmp", RtmpComponent.class);
        try {
            rtmp.start();
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ConfigException(
                    "wadi.listeners.rtmp.port",
                    "cannot listen on "
                            + rtmp.getListenHost()
                            + ":"
                            + rtmp.getPort()
                            + " ("
                            + cause.getMessage()
                            + "), expected a free port; 0 picks one");
        }
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        reconciler.start();
        front.announce();
    }
}
