package io.wadi.app;

import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** Starts the server. */
@SpringBootConfiguration(proxyBeanMethods = false)
// The few that are used, by name: looking through all of Spring Boot's takes a second of the start.
@ImportAutoConfiguration({CamelAutoConfiguration.class, PropertyPlaceholderAutoConfiguration.class})
@Import({HttpConfiguration.class, MediaConfiguration.class, StreamsConfiguration.class})
public class Wadi {
    public static void main(String[] args) {
        UnsafeWarning.mute();
        try {
            start(args);
        } catch (RuntimeException reported) {
            // The reporter has said why; event loops that already run must not keep the JVM alive.
            System.exit(1);
        }
    }

    /** Starts a server in this JVM; closing the context stops it. */
    public static ConfigurableApplicationContext start(String... args) {
        SpringApplication application = new SpringApplication(Wadi.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.addListeners(new ConfigCheck());
        return application.run(args);
    }
}
