package io.wadi.hls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** hls.js, as the server's own page has it. */
final class HlsJs {
    private static final String PATH = "/META-INF/resources/webjars/hls.js/1.4.12/dist/hls.min.js";

    private HlsJs() {}

    static String script() throws IOException {
        try (InputStream script = HlsJs.class.getResourceAsStream(PATH)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
