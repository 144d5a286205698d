package io.wadi.api;

import org.apache.camel.Exchange;
import org.apache.camel.Message;

import java.io.IOException;
import java.io.InputStream;

/**
 * The bean {@code openApi} of {@code routes/api.yaml}: answers with the OpenAPI document, which is
 * written by hand and held against the routes and the document's keys by tests.
 */
public final class OpenApi {
    private static final String RESOURCE = "swagger/doc.json";

    private final byte[] document;

    public OpenApi() {
        try (InputStream in = OpenApi.class.getClassLoader().getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not on the class path");
            }
            document = in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read " + RESOURCE, e);
        }
    }

    /** GET /swagger/doc.json. */
    public void document(Exchange exchange) {
        Message out = exchange.getMessage();
        out.removeHeaders("*");
        out.setHeader(Exchange.CONTENT_TYPE, "application/json");
        out.setHeader("Cache-Control", "no-cache");
        out.setBody(document);
    }
}
