package io.wadi.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wadi.ffmpeg.Watermarks;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Locale;

/**
 * {@code POST /watermarks}: a picture as the part {@code file} of a form (RFC 7578), with {@code
 * id} and {@code name} as other parts or in the query. It is larger than what the API's routes
 * take, so it is read here, in memory and no further than its limit.
 */
public final class WatermarkUpload {
    /** What a form adds to the picture: boundaries, heads of parts, id and name. */
    private static final int FORM_BYTES = 64 * 1024;

    /** Uploads at the same time: what they hold in memory is bounded, too. */
    static final int MAX_UPLOADS = 8;

    private static final Logger LOG = LoggerFactory.getLogger(WatermarkUpload.class);
    private static final String PATH = "/watermarks";

    private final Watermarks watermarks;
    private int running;

    public WatermarkUpload(Watermarks watermarks) {
        this.watermarks = watermarks;
    }

    /** Installs the handler on the server's router, after {@link ApiHttp#install}. */
    public void install(Router router) {
        router.post(PATH).handler(this::open);
    }

    private void open(RoutingContext context) {
        HttpServerRequest request = context.request();
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            ApiHttp.refuse(context, 400, "INVALID_BODY", "expected a form with a part \"file\"");
            return;
        }
        if (length(request) > Watermarks.MAX_BYTES + FORM_BYTES) {
            tooLarge(context);
            return;
        }
        if (!begin()) {
            ApiHttp.refuse(context, 503, "TOO_MANY_UPLOADS", "others are being stored; try again");
            return;
        }
        Upload upload = new Upload(context);
        try {
            upload.read();
        } catch (RuntimeException e) {
            LOG.debug("a form that Vert.x does not take", e);
            upload.refuse(400, "INVALID_BODY", "the form is none: " + e.getMessage());
        }
    }

    private synchronized boolean begin() {
        if (running >= MAX_UPLOADS) {
            return false;
        }
        running++;
        return true;
    }

    private synchronized void end() {
        running--;
    }

    private static long length(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && length.matches("\\d{1,18}") ? Long.parseLong(length) : 0;
    }

    private static void tooLarge(RoutingContext context) {
        ApiHttp.refuse(
                context,
                413,
                "UPLOAD_TOO_LARGE",
                "expected a picture of at most " + Watermarks.MAX_BYTES + " bytes");
    }

    /** One upload, on the connection's event loop but for what touches the disk. */
    private final class Upload {
        private final RoutingContext context;
        private final Buffer picture = Buffer.buffer();
        private long formBytes;
        private String fileName;
        private boolean over;

        Upload(RoutingContext context) {
            this.context = context;
        }

        void read() {
            HttpServerRequest request = context.request();
            request.setExpectMultipart(true);
            request.uploadHandler(this::part);
            request.exceptionHandler(
                    _ -> refuse(400, "INVALID_BODY", "the form ended early or is no form"));
            request.endHandler(_ -> finish());
            context.response().closeHandler(_ -> over());
        }

        private void part(HttpServerFileUpload part) {
            boolean wanted = part.name().equals("file") && fileName == null;
            if (wanted) {
                fileName = part.filename() == null ? "" : part.filename();
            }
            part.handler(bytes -> take(wanted, bytes));
            part.exceptionHandler(_ -> refuse(400, "INVALID_BODY", "the form is not readable"));
        }

        private void take(boolean wanted, Buffer bytes) {
            if (over) {
                return;
            }
            if (wanted) {
                picture.appendBuffer(bytes);
            } else {
                formBytes += bytes.length();
            }
            if (picture.length() > Watermarks.MAX_BYTES || formBytes > FORM_BYTES) {
                over();
                tooLarge(context);
            }
        }

        private void refuse(int status, String code, String message) {
            if (!over) {
                over();
                ApiHttp.refuse(context, status, code, message);
            }
        }

        /** Whatever the end is: another may come. */
        private void over() {
            if (!over) {
                over = true;
                end();
            }
        }

        private void finish() {
            if (over) {
                return;
            }
            String id = field("id");
            if (fileName == null) {
                refuse(400, "INVALID_BODY", "the form has no part \"file\" with a file name");
            } else if (!id.isEmpty() && !Watermarks.isId(id)) {
                ApiException invalid = WatermarksApi.invalidId(id);
                refuse(invalid.status(), invalid.code(), invalid.getMessage());
            } else {
                String name = field("name");
                context.vertx()
                        .executeBlocking(() -> store(id, name), false)
                        .onComplete(reply -> answer(reply.result(), reply.cause()));
            }
        }

        private String field(String name) {
            String inForm = context.request().getFormAttribute(name);
            String value = inForm == null ? context.request().getParam(name) : inForm;
            return value == null ? "" : value;
        }

        private Reply store(String id, String name) {
            try {
                Watermarks.Asset asset = watermarks.store(id, name, fileName, picture.getBytes());
                return Reply.data(201, WatermarksApi.json(asset));
            } catch (Watermarks.RefusedException e) {
                return switch (e.reason()) {
                    case NO_PICTURE -> Reply.error(415, "INVALID_IMAGE", e.getMessage());
                    case OTHER_PICTURE_HAS_THE_ID ->
                            Reply.error(409, "ALREADY_EXISTS", e.getMessage());
                    case TOO_MANY -> Reply.error(409, "TOO_MANY_WATERMARKS", e.getMessage());
                };
            } catch (IOException e) {
                LOG.error("A watermark was not stored in {}", watermarks.folder(), e);
                return Reply.error(500, "UPLOAD_FAILED", "the picture could not be stored");
            }
        }

        private void answer(Reply reply, Throwable failure) {
            over();
            if (failure != null) {
                context.fail(failure);
            } else {
                ApiHttp.answer(context, reply);
            }
        }
    }
}
