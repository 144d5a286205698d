package io.wadi.ring;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;

/**
 * Write media into, and read it from, the in-memory ring buffer of a stream. Direct and seda in
 * one: a consumer is called by the writer or follows with a cursor of its own.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ring",
        title = "Ring",
        syntax = "ring:ringId",
        category = {Category.CORE, Category.MESSAGING})
public class RingEndpoint extends UnitEndpoint implements MultipleConsumersSupport {
    @UriPath(description = "The stream's code, with /track_n for a rendition")
    @Metadata(required = true)
    private final String ringId;

    @UriParam(
            label = "producer",
            defaultValue = "0",
            description =
                    "Priority of the input that this producer feeds. Only the active input's units"
                            + " enter the ring.")
    private int input;

    @UriParam(
            label = "consumer",
            defaultValue = "direct",
            enums = "direct,queued",
            description =
                    "direct: called inline by the writer, for work that never blocks. queued:"
                            + " follows with its own cursor on a virtual thread and loses units when it"
                            + " is overtaken.")
    private Delivery delivery = Delivery.direct;

    /** How a consumer is fed. */
    @SuppressWarnings("checkstyle:ConstantName")
    public enum Delivery {
        direct,
        queued
    }

    public RingEndpoint(String uri, RingComponent component, String ringId) {
        super(uri, component);
        this.ringId = ringId;
    }

    @Override
    public Producer createProducer() {
        return new RingProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        RingConsumer consumer = new RingConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    public String getRingId() {
        return ringId;
    }

    public int getInput() {
        return input;
    }

    public void setInput(int input) {
        this.input = input;
    }

    public Delivery getDelivery() {
        return delivery;
    }

    public void setDelivery(Delivery delivery) {
        this.delivery = delivery;
    }
}
