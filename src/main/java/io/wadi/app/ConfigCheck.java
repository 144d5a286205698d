package io.wadi.app;

import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.EnvironmentPostProcessorApplicationListener;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Checks the whole configuration before anything is started or logged, and makes it known: to the
 * context as the {@link WadiProperties} bean, to routes as {@code {{wadi.…}}} placeholders with
 * their defaults, to the logging system as its settings.
 */
final class ConfigCheck
        implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
    private static final String PREFIX = "wadi.";
    private static final String ENVIRONMENT_PREFIX = "WADI_";

    /** What stands in a config.yaml besides ours. */
    private static final Set<String> FOREIGN_ROOTS = Set.of("spring", "logging", "camel");

    /** Read by the tests, not by the server. */
    private static final Set<String> TEST_VARIABLES = Set.of("WADI_CI");

    /** Kubernetes puts these into every pod for a service named wadi or wadi-something. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(
                    "(WADI|OPEN_STREAMER)(_.*)?_(SERVICE_HOST|SERVICE_PORT(_.*)?"
                            + "|PORT(_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");

    static {
        if (LoggingApplicationListener.DEFAULT_ORDER
                <= EnvironmentPostProcessorApplicationListener.DEFAULT_ORDER + 1) {
            throw new IllegalStateException("no room between configuration files and logging");
        }
    }

    @Override
    public int getOrder() {
        return EnvironmentPostProcessorApplicationListener.DEFAULT_ORDER + 1;
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        ConfigurableEnvironment environment = event.getEnvironment();
        Map<String, Object> known = ConfigKeys.defaults();
        rejectUnknownKeys(environment, known.keySet());
        SeedSettings seed = SeedSettings.addTo(environment);
        WadiProperties properties =
                Binder.get(environment).bindOrCreate("wadi", WadiProperties.class);
        Map<String, Object> derived = new LinkedHashMap<>(known);
        derived.put("logging.level.root", properties.log().level().name());
        if (properties.log().format() == WadiProperties.LogFormat.JSON) {
            derived.put("logging.structured.format.console", "logstash");
        }
        environment.getPropertySources().addLast(new MapPropertySource("wadi defaults", derived));
        event.getBootstrapContext()
                .addCloseListener(
                        closed -> {
                            seed.report();
                            closed.getApplicationContext()
                                    .getBeanFactory()
                                    .registerSingleton("wadiProperties", properties);
                        });
    }

    private static void rejectUnknownKeys(ConfigurableEnvironment environment, Set<String> known) {
        Set<String> uniform = known.stream().map(ConfigCheck::uniform).collect(Collectors.toSet());
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> enumerable
                    && !source.getName().equals("configurationProperties")) {
                for (String name : enumerable.getPropertyNames()) {
                    if (isOurs(name, source) && !uniform.contains(uniform(name))) {
                        throw unknown(name, source, known);
                    }
                }
            }
        }
    }

    private static boolean isOurs(String name, PropertySource<?> source) {
        if (name.startsWith(ENVIRONMENT_PREFIX)) {
            return !TEST_VARIABLES.contains(name) && !isServiceLink(name);
        }
        if (source.getName().contains("config.yaml")) {
            return !FOREIGN_ROOTS.contains(name.split("[.\\[]", 2)[0]) && !SeedSettings.knows(name);
        }
        return name.startsWith(PREFIX);
    }

    /** Whether Kubernetes made this variable for a service of our name. */
    static boolean isServiceLink(String variable) {
        return SERVICE_LINK.matcher(variable).matches();
    }

    private static ConfigException unknown(
            String name, PropertySource<?> source, Set<String> known) {
        String wanted = uniform(name);
        String nearest =
                known.stream()
                        .min(
                                (a, b) ->
                                        Integer.compare(
                                                ConfigKeys.distance(wanted, uniform(a)),
                                                ConfigKeys.distance(wanted, uniform(b))))
                        .orElseThrow();
        String where = "";
        if (source instanceof OriginLookup<?>) {
            var origin = OriginLookup.getOrigin(source, name);
            where = origin == null ? "" : " (" + origin + ")";
        }
        return new ConfigException(
                name,
                "no such setting"
                        + where
                        + ", did you mean "
                        + (name.startsWith(ENVIRONMENT_PREFIX) ? environmentName(nearest) : nearest)
                        + "? All settings are listed in docs/CONFIGURATION.md");
    }

    private static String environmentName(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace("-", "_");
    }

    /**
     * Relaxed binding: case, dashes, dots and underscores do not count, nor which item of a list.
     */
    static String uniform(String name) {
        return name.toLowerCase(Locale.ROOT)
                .replaceAll("(\\[\\d+]|_\\d+)$", "")
                .replaceAll("[^a-z0-9]", "");
    }

    /** A key with a dot wherever a variable or another spelling has something else. */
    static String dotted(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", ".");
    }
}
