package io.wadi.httpflv;

import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

import java.util.Map;

/** {@code http-flv:code}: serves a stream as endless FLV on the HTTP port. */
@Component("http-flv")
public class HttpFlvComponent extends DefaultComponent {
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        HttpFlvEndpoint endpoint = new HttpFlvEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
