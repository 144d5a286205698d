package io.wadi.hls;

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

/** Package a stream for HTTP Live Streaming and serve it on the HTTP port. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "hls",
        title = "HLS",
        syntax = "hls:ringId",
        producerOnly = true,
        category = {Category.HTTP})
public class HlsEndpoint extends UnitEndpoint {
    static final int MAX_SEGMENTS = 10_000;

    @UriPath(
            description =
                    "The stream's code, with /track_n for a rendition that joins the master"
                            + " playlist of the stream")
    @Metadata(required = true)
    private final String ringId;

    @UriParam(
            label = "producer",
            defaultValue = "ts",
            enums = "ts,fmp4",
            description = "Container of the segments.")
    private Container container = Container.ts;

    @UriParam(
            label = "producer",
            defaultValue = "2s",
            javaType = "java.time.Duration",
            description =
                    "Length to cut segments near; cuts fall on random access points, so the GOP"
                            + " decides.")
    private Duration segmentDuration = Duration.ofSeconds(2);

    @UriParam(
            label = "producer",
            defaultValue = "12",
            description = "Segments that the playlist lists at least.")
    private int window = 12;

    @UriParam(
            label = "producer",
            defaultValue = "0",
            description =
                    "Segments that the playlist lists besides the window, for viewers who want to"
                            + " go back.")
    private int history;

    @UriParam(
            label = "producer",
            description =
                    "Folder for the media sequence numbers, which go on after a restart. Without it"
                            + " they start at 0 each time.")
    private String stateDir;

    /** How segments are packaged. */
    public enum Container {
        ts,
        fmp4
    }

    public HlsEndpoint(String uri, HlsComponent component, String ringId) {
        super(uri, component);
        this.ringId = ringId;
    }

    @Override
    public Producer createProducer() {
        return new HlsProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException(
                "hls: is an output here: use it in to:, not in from:");
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        if (window < 1 || history < 0 || window + history > MAX_SEGMENTS) {
            throw new IllegalArgumentException(
                    "window="
                            + window
                            + " and history="
                            + history
                            + " on hls:"
                            + ringId
                            + ", expected at least 1 and 0 and together at most "
                            + MAX_SEGMENTS);
        }
    }

    public String getRingId() {
        return ringId;
    }

    public Container getContainer() {
        return container;
    }

    public void setContainer(Container container) {
        this.container = container;
    }

    public Duration getSegmentDuration() {
        return segmentDuration;
    }

    public void setSegmentDuration(Duration segmentDuration) {
        this.segmentDuration = segmentDuration;
    }

    public int getWindow() {
        return window;
    }

    public void setWindow(int window) {
        this.window = window;
    }

    public int getHistory() {
        return history;
    }

    public void setHistory(int history) {
        this.history = history;
    }

    public String getStateDir() {
        return stateDir;
    }

    public void setStateDir(String stateDir) {
        this.stateDir = stateDir;
    }
}
