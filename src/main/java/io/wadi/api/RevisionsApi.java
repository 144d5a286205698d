package io.wadi.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.store.Revision;
import io.wadi.store.Revisions;
import io.wadi.stream.SpecJson;

import org.apache.camel.Exchange;

import java.util.List;
import java.util.stream.IntStream;

/** {@code /streams/{code}/revisions}: the bean {@code revisionsApi} of {@code routes/api.yaml}. */
public final class RevisionsApi {
    private final Revisions revisions;
    private final StreamsApi streams;

    public RevisionsApi(Revisions revisions, StreamsApi streams) {
        this.revisions = revisions;
        this.streams = streams;
    }

    /** GET /streams/{code}/revisions: the newest first, without the documents. */
    public void list(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    List<Revision> all = revisions.of(request.code()).reversed();
                    if (all.isEmpty()) {
                        throw ApiException.notFound(request.code());
                    }
                    return Reply.list(
                            IntStream.range(0, all.size())
                                    .mapToObj(i -> head(all.get(i)).put("current", i == 0))
                                    .toList());
                });
    }

    /** GET /streams/{code}/revisions/{revision}. */
    public void get(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    Revision revision = existing(request);
                    ObjectNode tree = head(revision);
                    revision.document()
                            .ifPresentOrElse(
                                    document -> tree.set("document", document),
                                    () -> tree.putNull("document"));
                    return Reply.data(200, tree);
                });
    }

    /** POST /streams/{code}/revisions/{revision}/rollback: the document is that one again. */
    public void rollback(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    Revision revision = existing(request);
                    if (revision.document().isEmpty()) {
                        throw new ApiException(
                                400,
                                "INVALID_REVISION",
                                "revision "
                                        + revision.number()
                                        + " is the deletion of the stream: expected one with a"
                                        + " document, or DELETE");
                    }
                    return streams.replace(
                            request, revision.document().get().deepCopy(), "rollback");
                });
    }

    private Revision existing(Request request) throws ApiException {
        String number = request.parameter("revision");
        String code = request.code();
        if (!number.matches("[1-9]\\d{0,8}")) {
            throw unknown(code, number);
        }
        return revisions
                .find(code, Integer.parseInt(number))
                .orElseThrow(() -> unknown(code, number));
    }

    private static ApiException unknown(String code, String number) {
        String shown = number.length() > 12 ? number.substring(0, 12) + "…" : number;
        return new ApiException(
                404, "NOT_FOUND", "stream '" + code + "' has no revision " + shown + " (any more)");
    }

    private static ObjectNode head(Revision revision) {
        return SpecJson.mapper()
                .createObjectNode()
                .put("revision", revision.number())
                .put("at", revision.at().toString())
                .put("author", revision.author())
                .put("deleted", revision.document().isEmpty());
    }
}
