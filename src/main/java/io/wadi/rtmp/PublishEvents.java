package io.wadi.rtmp;

import io.wadi.event.EventBus;

import java.util.Map;

/** Publishers as events of the stream whose code is their name. */
final class PublishEvents implements PublishListener {
    private final EventBus bus;

    PublishEvents(EventBus bus) {
        this.bus = bus;
    }

    @Override
    public void publishing(String path, String peer) {
        bus.publish("publisher.connected", code(path), Map.of("url", "rtmp:" + path, "peer", peer));
    }

    @Override
    public void ended(String path, String peer, String reason) {
        bus.publish(
                "publisher.gone",
                code(path),
                Map.of("url", "rtmp:" + path, "peer", peer, "error", reason));
    }

    private static String code(String path) {
        return path.substring(path.indexOf('/') + 1);
    }
}
