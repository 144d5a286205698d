package io.wadi.httpts;

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

/** Serve a stream as one endless MPEG-TS body on the HTTP port. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "http-ts",
        title = "HTTP-TS",
        syntax = "http-ts:ringId",
        producerOnly = true,
        category = {Category.HTTP})
public class HttpTsEndpoint extends UnitEndpoint {
    @UriPath(description = "The stream's code, with /track_n for a rendition")
    @Metadata(required = true)
    private final String ringId;

    @UriParam private FanOutConfiguration configuration = new FanOutConfiguration();

    public HttpTsEndpoint(String uri, HttpTsComponent component, String ringId) {
        super(uri, component);
        this.ringId = ringId;
    }

    @Override
    public Producer createProducer() {
        return new HttpTsProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                "http-ts: is an output here: use it in to:, not in from:");
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
