package io.wadi.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.store.StreamStore;
import io.wadi.stream.InputSupervisor;
import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.SpecJson;
import io.wadi.stream.SwitchFailedException;

import org.apache.camel.Exchange;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code /streams/{code}/inputs}: the bean {@code inputsApi} of {@code routes/api.yaml}. */
public final class InputsApi {
    /** An input that stood by cold has three seconds to connect; then it is refused. */
    private static final long LONGEST_SWITCH_SECONDS = 10;

    private static final String SWITCH_FAILED = "SWITCH_FAILED";

    private final StreamStore store;
    private final InputSupervisor inputs;

    public InputsApi(StreamStore store, InputSupervisor inputs) {
        this.store = store;
        this.inputs = inputs;
    }

    /** POST /streams/{code}/inputs/switch: a priority, or null for automatic. */
    public void switchInput(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    String code = request.code();
                    if (store.find(code).isEmpty()) {
                        throw ApiException.notFound(code);
                    }
                    JsonNode priority = priority(request);
                    if (priority.isNull()) {
                        chooseAutomatically(code);
                    } else {
                        await(inputs.choose(code, priority.intValue()));
                    }
                    return Reply.status("switched");
                });
    }

    private static JsonNode priority(Request request) throws ApiException {
        ObjectNode body;
        try {
            body = SpecJson.parseObject(request.body());
        } catch (InvalidSpecException e) {
            throw ApiException.of(e);
        }
        JsonNode priority = body.get("priority");
        boolean whole =
                priority != null && priority.isIntegralNumber() && priority.canConvertToInt();
        if (priority == null || (!priority.isNull() && !whole)) {
            throw new ApiException(
                    400,
                    "INVALID_BODY",
                    "priority: expected the number of an input, or null for automatic");
        }
        return priority;
    }

    private void chooseAutomatically(String code) throws ApiException {
        try {
            inputs.chooseAutomatically(code);
        } catch (SwitchFailedException e) {
            throw new ApiException(400, SWITCH_FAILED, e.getMessage());
        }
    }

    private static void await(CompletableFuture<Void> done) throws ApiException {
        try {
            done.get(LONGEST_SWITCH_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new ApiException(400, SWITCH_FAILED, e.getCause().getMessage());
        } catch (TimeoutException e) {
            throw new ApiException(400, SWITCH_FAILED, "the input was not switched in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(400, SWITCH_FAILED, "the server is stopping");
        }
    }
}
