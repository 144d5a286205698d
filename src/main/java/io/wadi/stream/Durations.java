package io.wadi.stream;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 500ms}, {@code 2s}, {@code 1.5s}, {@code 2m}, {@code 1h}.
 */
public final class Durations {
    static final String EXPECTED = "a duration like 500ms, 2s or 1m, or a number of seconds";

    private static final Pattern SHAPE =
            Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?)(ms|s|m|h)");

    /** A day: longer silences or segments are mistakes. */
    private static final double MAX_MILLIS = 86_400_000;

    private Durations() {}

    static Optional<Duration> parse(JsonNode node) {
        if (node.isNumber()) {
            return ofMillis(node.doubleValue() * 1000);
        }
        return node.isTextual() ? parse(node.textValue()) : Optional.empty();
    }

    /** Reads text with a unit. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        double factor =
                switch (matcher.group(2)) {
                    case "ms" -> 1;
                    case "s" -> 1000;
                    case "m" -> 60_000;
                    default -> 3_600_000;
                };
        return ofMillis(Double.parseDouble(matcher.group(1)) * factor);
    }

    private static Optional<Duration> ofMillis(double millis) {
        return millis >= 0 && millis <= MAX_MILLIS
                ? Optional.of(Duration.ofMillis(Math.round(millis)))
                : Optional.empty();
    }

    /** Whole seconds as {@code 2s}, everything else as {@code 1500ms}; Camel reads both. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    static SimpleModule module() {
        SimpleModule module = new SimpleModule("durations");
        module.addSerializer(
                new StdSerializer<>(Duration.class) {
                    @Override
                    public void serialize(Duration value, JsonGenerator out, SerializerProvider p)
                            throws IOException {
                        out.writeString(format(value));
                    }
                });
        module.addDeserializer(
                Duration.class,
                new StdDeserializer<Duration>(Duration.class) {
                    @Override
                    public Duration deserialize(JsonParser in, DeserializationContext context)
                            throws IOException {
                        JsonNode node = context.readTree(in);
                        return parse(node)
                                .orElseThrow(() -> new IOException("not a duration: " + EXPECTED));
                    }
                });
        return module;
    }
}
