package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;

/** One filter with its options, every value of which is escaped when it is written. */
record Filter(String name, List<Option> options) {
    record Option(String key, String value) {}

    Filter {
        options = List.copyOf(options);
    }

    static Filter of(String name) {
        return new Filter(name, List.of());
    }

    Filter with(String key, Object value) {
        List<Option> more = new ArrayList<>(options);
        more.add(new Option(key, value.toString()));
        return new Filter(name, more);
    }

    /** As it stands in a filter graph. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        char separator = '=';
        for (Option option : options) {
            text.append(separator).append(option.key()).append('=');
            text.append(FilterText.escape(option.value()));
            separator = ':';
        }
        return text.toString();
    }
}
