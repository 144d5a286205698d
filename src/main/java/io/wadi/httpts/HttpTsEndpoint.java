package io.wadi.httpts;

import io.wadi.fanout.FanOutOptions;
import io.wadi.ring.UnitEndpoint;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;

import java.time.Duration;

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

    @UriParam(
            label = "producer",
            defaultValue = "30ms",
            javaType = "java.time.Duration",
            description =
                    "How long media is gathered before it is written, 0 to 500 ms: fewer, larger"
                            + " writes cost less.")
    private Duration sendLatency = FanOutOptions.DEFAULT.sendLatency();

    @UriParam(
            label = "producer",
            defaultValue = "8388608",
            description =
                    "Bytes that may wait for one viewer before it is cut back to the next random"
                            + " access point.")
    private int maxBacklogBytes = FanOutOptions.DEFAULT.maxBacklogBytes();

    @UriParam(
            label = "producer",
            defaultValue = "10s",
            javaType = "java.time.Duration",
            description = "How long a viewer may stay cut back before it is disconnected.")
    private Duration maxBehind = FanOutOptions.DEFAULT.maxBehind();

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

    FanOutOptions options() {
        return new FanOutOptions(sendLatency, maxBacklogBytes, maxBehind);
    }

    public String getRingId() {
        return ringId;
    }

    public Duration getSendLatency() {
        return sendLatency;
    }

    public void setSendLatency(Duration sendLatency) {
        this.sendLatency = sendLatency;
    }

    public int getMaxBacklogBytes() {
        return maxBacklogBytes;
    }

    public void setMaxBacklogBytes(int maxBacklogBytes) {
        this.maxBacklogBytes = maxBacklogBytes;
    }

    public Duration getMaxBehind() {
        return maxBehind;
    }

    public void setMaxBehind(Duration maxBehind) {
        this.maxBehind = maxBehind;
    }
}
