package io.wadi.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.SpecJson;
import io.wadi.stream.StreamPlan;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A plan in the shape that the API answers with. */
final class PlanJson {
    /** Names of outputs in route ids, and of their viewers' protocols. */
    private static final Map<String, String> PROTOCOLS =
            Map.of(
                    "hls",
                    "hls",
                    "dash",
                    "dash",
                    "http-ts",
                    "mpegts",
                    "http-flv",
                    "flv",
                    "rtmp",
                    "rtmp",
                    "rtsp",
                    "rtsp",
                    "srt",
                    "srt");

    private PlanJson() {}

    /**
     * Writes a plan.
     *
     * @param viewers of the stream now, by protocol
     */
    static ObjectNode of(String code, StreamPlan plan, Map<String, Long> viewers) {
        ObjectNode tree = SpecJson.mapper().createObjectNode();
        add(tree, "start", plan.start());
        add(tree, "stop", plan.stop());
        add(tree, "restart", plan.restart());
        add(tree, "unchanged", plan.keep());
        add(tree, "in_place", plan.inPlace());
        ObjectNode noticing = tree.putObject("viewers");
        noticing(code, plan, viewers).forEach(noticing::put);
        return tree;
    }

    private static void add(ObjectNode tree, String key, Iterable<String> names) {
        var array = tree.putArray(key);
        names.forEach(array::add);
    }

    /**
     * Viewers whose output stops or restarts. An input is before the ring: outputs run on, and only
     * where every input goes does everybody notice.
     */
    private static Map<String, Long> noticing(
            String code, StreamPlan plan, Map<String, Long> viewers) {
        Map<String, Long> noticing = new TreeMap<>();
        boolean sourceGoes =
                touched(plan).anyMatch(id -> isInput(code, id))
                        && plan.keep().stream().noneMatch(id -> isInput(code, id));
        viewers.forEach(
                (protocol, count) -> {
                    boolean own =
                            touched(plan).anyMatch(id -> protocol.equals(protocolOf(code, id)));
                    if (count > 0 && (own || sourceGoes)) {
                        noticing.put(protocol, count);
                    }
                });
        return noticing;
    }

    private static Stream<String> touched(StreamPlan plan) {
        return Stream.concat(plan.stop().stream(), plan.restart().stream());
    }

    private static boolean isInput(String code, String id) {
        return id.startsWith(code + "/in/");
    }

    private static String protocolOf(String code, String id) {
        String part = id.substring(Math.min(id.length(), code.length() + 1));
        int slash = part.indexOf('/');
        return PROTOCOLS.getOrDefault(slash < 0 ? part : part.substring(0, slash), "");
    }
}
