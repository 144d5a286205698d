package io.wadi.app;

import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

import org.apache.camel.CamelContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.util.List;

/** The HTTP port with what the server itself serves there: the page, health and metrics. */
@Configuration(proxyBeanMethods = false)
class HttpConfiguration {
    /** Nothing blocks on them: with more, viewers of a stream cost more wake-ups. */
    private static final int EVENT_LOOPS = Runtime.getRuntime().availableProcessors();

    @Bean(destroyMethod = "")
    Vertx vertx() {
        return Vertx.vertx(
                new VertxOptions()
                        .setPreferNativeTransport(true)
                        .setEventLoopPoolSize(EVENT_LOOPS)
                        // Nothing here is served from files through Vert.x.
                        .setFileSystemOptions(
                                new FileSystemOptions()
                                        .setClassPathResolvingEnabled(false)
                                        .setFileCachingEnabled(false)));
    }

    @Bean(initMethod = "", destroyMethod = "")
    HttpListener httpListener(WadiProperties properties, Vertx vertx) {
        var http = properties.http();
        return new HttpListener(
                "wadi.http.port",
                new ListenAddress(http.host(), http.port()),
                vertx,
                EVENT_LOOPS,
                http.headerTimeout());
    }

    @Bean
    PrometheusMeterRegistry meterRegistry(
            CamelContext context, Rates rates, WadiProperties properties) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        registry.getPrometheusRegistry().register(new StreamMetrics(context, rates));
        registry.getPrometheusRegistry().register(new TranscoderMetrics(context));
        registry.getPrometheusRegistry()
                .register(
                        new SeedMetrics(context, rates, properties.manager().inputPacketTimeout()));
        return registry;
    }

    @Bean
    JvmGcMetrics jvmGcMetrics(PrometheusMeterRegistry registry) {
        JvmGcMetrics metrics = new JvmGcMetrics();
        metrics.bindTo(registry);
        return metrics;
    }

    @Bean
    Rates rates(CamelContext context) {
        return new Rates(context);
    }

    @Bean
    ReadinessCheck httpReady(HttpListener listener) {
        return ReadinessCheck.of("http", listener::isListening, "the HTTP port is not open");
    }

    @Bean
    ReadinessCheck contextReady(CamelContext context) {
        return ReadinessCheck.of("camel", context::isStarted, "the Camel context is not started");
    }

    @Bean
    Front front(
            WadiProperties properties,
            HttpListener listener,
            PrometheusMeterRegistry registry,
            List<ReadinessCheck> checks) {
        return new Front(properties, listener, registry, checks);
    }
}
