package io.wadi.fanout;

import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

import java.time.Duration;

/** The {@link FanOutOptions} as URI options of every endpoint that serves endless media. */
@UriParams
public class FanOutConfiguration {
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

    /**
     * The options, checked.
     *
     * @throws IllegalArgumentException saying which one is out of range
     */
    public FanOutOptions options() {
        return new FanOutOptions(sendLatency, maxBacklogBytes, maxBehind);
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
