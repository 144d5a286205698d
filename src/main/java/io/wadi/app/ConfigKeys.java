package io.wadi.app;

import org.springframework.boot.context.properties.bind.DefaultValue;

import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The keys of {@link WadiProperties} as they are written, with their defaults. */
final class ConfigKeys {
    private ConfigKeys() {}

    /** Every key with its default, in the order of the records. */
    static Map<String, Object> defaults() {
        Map<String, Object> keys = new LinkedHashMap<>();
        collect("wadi", WadiProperties.class, keys);
        return keys;
    }

    private static void collect(String prefix, Class<?> type, Map<String, Object> keys) {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        for (Parameter parameter : constructor.getParameters()) {
            String key = prefix + "." + kebab(parameter.getName());
            if (parameter.getType().isRecord()) {
                collect(key, parameter.getType(), keys);
            } else {
                keys.put(
                        key, String.join(",", parameter.getAnnotation(DefaultValue.class).value()));
            }
        }
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** Levenshtein distance. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
