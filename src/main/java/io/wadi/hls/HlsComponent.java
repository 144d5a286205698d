package io.wadi.hls;

import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

import java.util.Map;

/** {@code hls:code[/track_n]}: serves a stream, or one rendition of it, as HLS. */
@Component("hls")
public class HlsComponent extends DefaultComponent {
    @Metadata(
            description =
                    "Folder for the media sequence numbers, which go on after a restart. Without it"
                            + " they start at 0 each time.")
    private String stateDir;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        HlsEndpoint endpoint = new HlsEndpoint(uri, this, remaining);
        endpoint.setStateDir(stateDir);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    public String getStateDir() {
        return stateDir;
    }

    public void setStateDir(String stateDir) {
        this.stateDir = stateDir;
    }
}
