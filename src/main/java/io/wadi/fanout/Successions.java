package io.wadi.fanout;

import io.wadi.ring.GracePeriod;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the viewers of a route that stopped for the route that follows it under the same name: a
 * change that makes a route anew does not disconnect them. Publishers are kept in the same way.
 */
public final class Successions {
    private static final Logger LOG = LoggerFactory.getLogger(Successions.class);

    /** From the stop of a route to the start of its successor: a few of them may stop before. */
    static final Duration GRACE = Duration.ofSeconds(2);

    /** What viewers hang on. */
    public interface Output extends AutoCloseable {
        /** Another route follows: its units come now. */
        void succeed(FanOutOptions options);

        /** Disconnects the viewers and gives everything back. */
        @Override
        void close();
    }

    private final CamelContext context;
    private final Map<String, Output> kept = new HashMap<>();

    private Successions(CamelContext context) {
        this.context = context;
    }

    /** Those of a Camel context, made on first use. */
    public static Successions of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            Successions successions = extension.getContextPlugin(Successions.class);
            if (successions == null) {
                successions = new Successions(context);
                extension.addContextPlugin(Successions.class, successions);
            }
            return successions;
        }
    }

    /**
     * Keeps an output for a moment, and then closes it if no successor came. Closes it at once when
     * the context stops.
     *
     * @param name protocol and path
     */
    public void keep(String name, Output output) {
        Output other;
        synchronized (this) {
            other = kept.put(name, output);
        }
        if (other != null) {
            other.close();
        }
        GracePeriod.after(context, GRACE, () -> expire(name, output));
    }

    private void expire(String name, Output output) {
        synchronized (this) {
            if (!kept.remove(name, output)) {
                return;
            }
        }
        try {
            output.close();
        } catch (RuntimeException e) {
            LOG.warn("What was kept of {} could not be closed", name, e);
        }
    }

    /**
     * Takes over what was kept under a name.
     *
     * @param type of the output: a name is used for one type only
     */
    public <T extends Output> Optional<T> take(String name, Class<T> type, FanOutOptions options) {
        Output output;
        synchronized (this) {
            output = kept.remove(name);
        }
        if (output == null) {
            return Optional.empty();
        }
        output.succeed(options);
        return Optional.of(type.cast(output));
    }
}
