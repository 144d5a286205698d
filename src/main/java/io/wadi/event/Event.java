package io.wadi.event;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened, in the envelope that hooks deliver.
 *
 * @param id idempotency key
 * @param type for example {@code stream.started}
 * @param streamCode the stream it is about
 * @param payload JSON-like values, empty when the type has none
 */
public record Event(
        String id,
        String type,
        String streamCode,
        Instant occurredAt,
        Map<String, Object> payload) {
    public Event {
        payload = Map.copyOf(payload);
    }
}
