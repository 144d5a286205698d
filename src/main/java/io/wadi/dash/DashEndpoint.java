package io.wadi.dash;

import io.wadi.ring.UnitEndpoint;
import io.wadi.segment.CmafOptions;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Package a stream as MPEG-DASH: fragmented MP4 segments and a dynamic MPD. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "dash",
        title = "DASH",
        syntax = "dash:ringId",
        producerOnly = true,
        category = {Category.HTTP})
public class DashEndpoint extends UnitEndpoint {
    @UriPath(
            description =
                    "The stream's code, with /track_n for a rendition that joins the MPD of the"
                            + " stream")
    @Metadata(required = true)
    private final String ringId;

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
            description = "Segments that the MPD lists at least.")
    private int window = 12;

    @UriParam(
            label = "producer",
            defaultValue = "0",
            description =
                    "Segments that the MPD lists besides the window, for viewers who want to go"
                            + " back.")
    private int history;

    @UriParam(
            label = "producer",
            description =
                    "Folder for the segment numbers, which go on after a restart. Without it they"
                            + " start at 0 each time.")
    private String stateDir;

    public DashEndpoint(String uri, DashComponent component, String ringId) {
        super(uri, component);
        this.ringId = ringId;
    }

    @Override
    public Producer createProducer() {
        return new DashProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("dash: has no consumer, " + getEndpointUri());
    }

    CmafOptions options() {
        return new CmafOptions(
                segmentDuration, window, history, Optional.ofNullable(stateDir).map(Path::of));
    }

    public String getRingId() {
        return ringId;
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
