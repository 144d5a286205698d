package io.wadi.app;

import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.yaml.snakeyaml.error.MarkedYAMLException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Says in one line on stderr why the server does not start, when it is the operator who can mend
 * it. Anything else is a bug and goes on to Spring Boot's reporter, with its stack trace.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartupFailure implements SpringBootExceptionReporter {
    StartupFailure() {}

    @Override
    public boolean reportException(Throwable failure) {
        Optional<String> line = describe(failure);
        line.ifPresent(text -> System.err.println("wadi: " + text));
        return line.isPresent();
    }

    /** One line, or empty when the failure is not the configuration's. */
    static Optional<String> describe(Throwable failure) {
        BindException bind = null;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            switch (t) {
                case ConfigException config -> {
                    String prefix = bind == null ? "" : bind.getName() + ".";
                    return Optional.of(oneLine(prefix + config.getMessage()));
                }
                case MarkedYAMLException yaml -> {
                    return Optional.of(oneLine(describe(yaml)));
                }
                case BindException b -> bind = b;
                default -> {}
            }
        }
        return bind == null ? Optional.empty() : Optional.of(oneLine(describe(bind)));
    }

    private static String describe(BindException bind) {
        ConfigurationProperty property = bind.getProperty();
        String got = property == null ? "nothing" : "\"" + property.getValue() + "\"";
        String where =
                property == null || property.getOrigin() == null
                        ? ""
                        : " (" + property.getOrigin() + ")";
        Class<?> type = bind.getTarget().getType().resolve(Object.class);
        return bind.getName() + ": got " + got + where + ", expected " + expected(type);
    }

    private static String expected(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class) {
            return "a whole number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == Duration.class) {
            return "a duration such as 30s or 500ms";
        }
        if (type == Path.class) {
            return "the path of a folder";
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of: ", ""));
        }
        return type.isRecord() ? "a group of settings" : "a text";
    }

    private static String describe(MarkedYAMLException yaml) {
        var mark = yaml.getProblemMark();
        String where =
                mark == null
                        ? ""
                        : " in line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1);
        return "config.yaml: not valid YAML" + where + ": " + yaml.getProblem();
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ").strip();
    }
}
