package io.wadi.rtmp;

import io.wadi.fanout.FanOutConfiguration;
import io.wadi.ring.UnitEndpoint;

import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;

/**
 * Take live streams that encoders publish by RTMP or Enhanced RTMP, and serve streams to RTMP
 * players. A consumer passes a stream on as units of MPEG-TS, one an access unit; a producer serves
 * what it gets under the same address.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "rtmp",
        title = "RTMP",
        syntax = "rtmp:host:port/app/name",
        remote = true,
        category = {Category.NETWORKING})
public class RtmpEndpoint extends UnitEndpoint {
    @UriPath(
            description =
                    "listen for the component's shared listener; or an address of this machine"
                            + " (0.0.0.0 for all) for a listener of this and like endpoints")
    @Metadata(required = true)
    private String host;

    @UriPath(
            defaultValue = "1935",
            description = "Port of the listener; 0 takes a free one. Not with listen.")
    private int port;

    @UriPath(description = "The RTMP application, live as a rule")
    @Metadata(required = true)
    private String app;

    @UriPath(description = "The name under which a publisher is taken, as a rule the stream's code")
    @Metadata(required = true)
    private String name;

    @UriParam(
            label = "consumer,security",
            secret = true,
            description =
                    "The key that publishers must present: as query parameter key, stream_key or"
                            + " token of the URL, or as the name itself (live/KEY). Empty lets anybody"
                            + " publish.")
    private String streamKey = "";

    @UriParam(
            label = "consumer",
            defaultValue = "reject",
            description =
                    "What happens to a publisher while another one is live: reject refuses it,"
                            + " takeover closes the first one.")
    private OnPublish onPublish = OnPublish.reject;

    @UriParam(
            label = "consumer,advanced",
            defaultValue = "268435456",
            description =
                    "Bytes of memory off the heap that units of this endpoint may hold, those still"
                            + " held by segments and viewers included.")
    private long memoryLimit = io.wadi.ring.UnitWriter.DEFAULT_LIMIT_BYTES;

    @UriParam private FanOutConfiguration configuration = new FanOutConfiguration();

    private final RtmpAddress address;

    RtmpEndpoint(String uri, Component component, RtmpAddress address) {
        super(uri, component);
        this.address = address;
        this.host = address.isShared() ? "listen" : address.host();
        this.port = address.port();
        this.app = address.app();
        this.name = address.name();
    }

    @Override
    public Producer createProducer() {
        requireLocal();
        return new RtmpProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        requireLocal();
        RtmpConsumer consumer = new RtmpConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    private void requireLocal() {
        if (!address.isLocal()) {
            throw new IllegalArgumentException(
                    "rtmp: "
                            + address.host()
                            + " is not an address to listen on, expected listen, 0.0.0.0, [::] or"
                            + " localhost");
        }
    }

    @Override
    public RtmpComponent getComponent() {
        return (RtmpComponent) super.getComponent();
    }

    RtmpAddress address() {
        return address;
    }

    public String getHost() {
        return host;
    }

    public int getPort() {
        return port;
    }

    public String getApp() {
        return app;
    }

    public String getName() {
        return name;
    }

    public String getStreamKey() {
        return streamKey;
    }

    public void setStreamKey(String streamKey) {
        this.streamKey = streamKey;
    }

    public OnPublish getOnPublish() {
        return onPublish;
    }

    public void setOnPublish(OnPublish onPublish) {
        this.onPublish = onPublish;
    }

    public FanOutConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(FanOutConfiguration configuration) {
        this.configuration = configuration;
    }

    public long getMemoryLimit() {
        return memoryLimit;
    }

    public void setMemoryLimit(long memoryLimit) {
        this.memoryLimit = memoryLimit;
    }
}
