package io.wadi.httpflv;

import io.wadi.fanout.FanOutConfiguration;
import io.wadi.ring.UnitEndpoint;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;

/** Serve a stream as one endless FLV body on the HTTP port. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "http-flv",
        title = "HTTP-FLV",
        syntax = "http-flv:ringId",
        producerOnly = true,
        category = {Category.HTTP})
public class HttpFlvEndpoint extends UnitEndpoint {
    @UriPath(description = "The stream's code, with /track_n for a rendition")
    @Metadata(required = true)
    private final String ringId;

    @UriParam private FanOutConfiguration configuration = new FanOutConfiguration();

    public HttpFlvEndpoint(String uri, HttpFlvComponent component, String ringId) {
        super(uri, component);
        this.ringId = ringId;
    }

    @Override
    public Producer createProducer() {
        return new HttpFlvProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                "http-flv: is an output here: use it in to:, not in from:");
    }

    public String getRingId() {
        return ringId;
    }

    public FanOutConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(FanOutConfiguration configuration) {
        this.configuration = configuration;
    }
}
