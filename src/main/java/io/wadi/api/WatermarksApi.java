package io.wadi.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

import io.wadi.ffmpeg.Watermarks;
import io.wadi.store.StreamStore;
import io.wadi.stream.SpecJson;
import io.wadi.stream.StreamSpec;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * {@code /watermarks}: the bean {@code watermarksApi} of {@code routes/api.yaml}. Pictures come in
 * through {@link WatermarkUpload}.
 */
public final class WatermarksApi {
    private static final Logger LOG = LoggerFactory.getLogger(WatermarksApi.class);

    private final Watermarks watermarks;
    private final StreamStore streams;

    /**
     * @param streams what is looked through for pictures in use
     */
    public WatermarksApi(Watermarks watermarks, StreamStore streams) {
        this.watermarks = watermarks;
        this.streams = streams;
    }

    /** GET /watermarks. */
    public void list(Exchange exchange) {
        Request.answer(
                exchange,
                _ -> {
                    try {
                        List<ObjectNode> assets =
                                watermarks.list().stream().map(WatermarksApi::json).toList();
                        String folder = watermarks.folder().toString();
                        return Reply.list(assets).with("dir", TextNode.valueOf(folder));
                    } catch (IOException e) {
                        throw failed("LIST_FAILED", e);
                    }
                });
    }

    /** GET /watermarks/{id}. */
    public void get(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    try {
                        return Reply.data(200, json(existing(id(request))));
                    } catch (IOException e) {
                        throw failed("GET_FAILED", e);
                    }
                });
    }

    /** GET /watermarks/{id}/raw: the picture itself. */
    public void raw(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    String id = id(request);
                    try {
                        Watermarks.Asset asset = existing(id);
                        byte[] bytes = watermarks.read(id).orElseThrow(() -> missing(id));
                        return Reply.bytes(asset.contentType(), bytes);
                    } catch (IOException e) {
                        throw failed("GET_FAILED", e);
                    }
                });
        Message out = exchange.getMessage();
        // A picture is shown, and nothing in it is run.
        out.setHeader("X-Content-Type-Options", "nosniff");
        out.setHeader("Content-Security-Policy", "default-src 'none'; sandbox");
    }

    /** DELETE /watermarks/{id}: refused while a stream's document names it. */
    public void delete(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    String id = id(request);
                    List<String> users =
                            streams.list().stream()
                                    .filter(spec -> names(spec, id))
                                    .map(StreamSpec::code)
                                    .toList();
                    if (!users.isEmpty()) {
                        throw new ApiException(
                                409,
                                "WATERMARK_IN_USE",
                                "the picture is the watermark of " + String.join(", ", users));
                    }
                    try {
                        if (!watermarks.delete(id)) {
                            throw missing(id);
                        }
                    } catch (IOException e) {
                        throw failed("DELETE_FAILED", e);
                    }
                    return Reply.noContent();
                });
    }

    private static boolean names(StreamSpec spec, String id) {
        return spec.watermark().filter(mark -> mark.assetId().equals(id)).isPresent();
    }

    private static String id(Request request) throws ApiException {
        String id = request.parameter("id");
        if (!Watermarks.isId(id)) {
            throw invalidId(id);
        }
        return id;
    }

    static ApiException invalidId(String id) {
        String shown = id.length() > 64 ? id.length() + " characters" : "\"" + id + "\"";
        return new ApiException(
                400, "INVALID_ID", "got " + shown + ", expected 1 to 64 letters, digits, _ and -");
    }

    private Watermarks.Asset existing(String id) throws IOException, ApiException {
        Optional<Watermarks.Asset> asset = watermarks.find(id);
        if (asset.isEmpty()) {
            throw missing(id);
        }
        return asset.get();
    }

    private static ApiException missing(String id) {
        return new ApiException(404, "NOT_FOUND", "there is no watermark '" + id + "'");
    }

    private ApiException failed(String code, IOException cause) {
        LOG.error("The folder of watermarks {} cannot be used", watermarks.folder(), cause);
        return new ApiException(500, code, "the folder of watermarks cannot be used");
    }

    static ObjectNode json(Watermarks.Asset asset) {
        return SpecJson.mapper().valueToTree(asset);
    }
}
