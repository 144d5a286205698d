package io.wadi.dash;

import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

import java.util.Map;

/** {@code dash:code[/track_n]}: packages a ring as fragmented MP4 and serves it with an MPD. */
@Component("dash")
public class DashComponent extends DefaultComponent {
    @Metadata(
            description =
                    "Folder for the segment numbers, which go on after a restart. Without it they"
                            + " start at 0 each time.")
    private String stateDir;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        DashEndpoint endpoint = new DashEndpoint(uri, this, remaining);
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
