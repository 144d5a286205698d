package io.wadi.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.SpecJson;

import org.apache.camel.Exchange;

/** {@code /config}: the bean {@code configApi} of {@code routes/api.yaml}. */
public final class ConfigApi {
    private final ServerConfig config;

    public ConfigApi(ServerConfig config) {
        this.config = config;
    }

    /** GET /config. */
    public void get(Exchange exchange) {
        Request.answer(exchange, _ -> Reply.data(200, config.describe()));
    }

    /** GET /config/defaults. */
    public void defaults(Exchange exchange) {
        Request.answer(exchange, _ -> Reply.data(200, config.defaults()));
    }

    /** POST /config. */
    public void merge(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    try {
                        ObjectNode change = SpecJson.parseObject(request.body());
                        return Reply.data(200, config.merge(change));
                    } catch (InvalidSpecException e) {
                        throw ApiException.of(e);
                    } catch (ServerConfig.RefusedException e) {
                        throw new ApiException(e.status(), e.code(), e.getMessage());
                    }
                });
    }
}
