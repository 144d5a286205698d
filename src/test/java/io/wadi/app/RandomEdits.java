package io.wadi.app;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Random changes of streams and routes, a third of them broken; through files and the API. */
final class RandomEdits {
    /** Streams that are edited. */
    static final int STREAMS = 5;

    /** Templates that only those streams use. */
    private static final List<String> TEMPLATES = List.of("dash", "http-flv");

    /**
     * What was done.
     *
     * @param broken a file that is not applied
     * @param refused by the API, which leaves nothing of it
     */
    record Edit(String what, boolean broken, boolean refused) {
        Edit(String what, boolean broken) {
            this(what, broken, false);
        }
    }

    private final LiveServer server;
    private final Random random;
    private final Path streams;
    private final Path routes;
    private int number;

    RandomEdits(LiveServer server, long seed) throws Exception {
        this.server = server;
        this.random = new Random(seed);
        this.streams = Files.createDirectories(server.folder.resolve("streams"));
        this.routes = Files.createDirectories(server.folder.resolve("routes"));
    }

    Edit next() throws Exception {
        number++;
        boolean broken = random.nextInt(3) == 0;
        return switch (random.nextInt(10)) {
            case 0, 1 -> template(broken);
            case 2 -> ownRoute(broken);
            case 3, 4, 5 -> api(broken);
            default -> streamFile(broken);
        };
    }

    /** Takes all of it back. */
    void clear() throws Exception {
        for (Path folder : List.of(streams, routes)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(RandomEdits::isOurs).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static boolean isOurs(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("edit-") || name.startsWith("own-") || name.equals("media.yaml");
    }

    private <T> T any(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private String code() {
        return "edit-" + random.nextInt(STREAMS);
    }

    /** A document in JSON, which is YAML too. */
    private String document(String code) {
        List<String> inputs = new ArrayList<>();
        Stream.of(
                        "copy://steady-a",
                        "copy://steady-b",
                        "rtmp://0.0.0.0/live/" + code,
                        "http://127.0.0.1:1/x.ts")
                .filter(_ -> random.nextBoolean())
                .forEach(url -> inputs.add("{\"url\": \"" + url + "\", \"standby\": \"hot\"}"));
        if (random.nextInt(15) == 0) {
            inputs.add("{\"url\": \"ffmpeg:testsrc?size=64x64&rate=5\", \"standby\": \"hot\"}");
        }
        List<String> protocols = new ArrayList<>();
        for (String name : List.of("hls", "dash", "mpegts", "rtmp", "http_flv", "srt")) {
            protocols.add("\"" + name + "\": " + random.nextBoolean());
        }
        String extras =
                any(
                        List.of(
                                "",
                                ", \"name\": \"n" + number + "\"",
                                ", \"disabled\": true",
                                ", \"stream_key\": \"k" + number + "\"",
                                ", \"packaging\": {\"container\": \"fmp4\", \"segment\": \"1s\"}",
                                ", \"packaging\": {\"segment\": \"1s\", \"send_latency\": 0}",
                                ", \"input_packet_timeout\": \"300ms\"",
                                ", \"tags\": [\"t" + number + "\"]"));
        return "{\"inputs\": ["
                + String.join(", ", inputs)
                + "], \"protocols\": {"
                + String.join(", ", protocols)
                + "}"
                + extras
                + "}";
    }

    private byte[] brokenDocument(String code) {
        String good = document(code);
        String text =
                any(
                        List.of(
                                good.substring(0, good.length() / 2),
                                good + "\n  : [",
                                good.replace("\"inputs\"", "\"inptus\""),
                                good.replace("\"protocols\": {", "\"protocols\": {\"hsl\": true, "),
                                "{\"protocols\": \"all of them\"}",
                                "{\"inputs\": [{\"url\": \"nonsense://x\"}]}",
                                "{\"inputs\": [{\"url\": \"rtmp://{{env:HOME}}/a/b\"}]}",
                                "{\"packaging\": {\"segment\": \"1h\"}}",
                                "{\"name\": \"a\", \"name\": \"b\"}",
                                "\tname: tab\n",
                                "- a\n- list\n",
                                "name: &a x\ndescription: *a\n",
                                "{\"slate\": {\"file\": \"../x.png\"}}",
                                "\u0000\u0001"));
        return random.nextInt(8) == 0
                ? new byte[] {(byte) 0xff, (byte) 0xfe, 'a', ':'}
                : text.getBytes(StandardCharsets.UTF_8);
    }

    private Edit streamFile(boolean broken) throws Exception {
        String code = code();
        Path file = streams.resolve(code + ".yaml");
        if (!broken && Files.exists(file) && random.nextInt(4) == 0) {
            Files.delete(file);
            return new Edit("file of " + code + " deleted", false);
        }
        byte[] text =
                broken ? brokenDocument(code) : document(code).getBytes(StandardCharsets.UTF_8);
        Files.write(file, text);
        return new Edit("file of " + code, broken);
    }

    private Edit api(boolean broken) throws Exception {
        String code = code();
        String path = "/streams/" + code;
        if (broken) {
            String body = new String(brokenDocument(code), StandardCharsets.ISO_8859_1);
            int status = server.send("PUT", path, body + "}").statusCode();
            if (status < 400 || status >= 500) {
                throw new IllegalStateException("PUT " + body + " was answered with " + status);
            }
            // Nothing of it stays, unlike a broken file.
            return new Edit("PUT " + code, false, true);
        }
        switch (random.nextInt(6)) {
            case 0 -> server.send("DELETE", path, "");
            case 1 -> server.send("POST", path + "/stop", "");
            case 2 -> server.send("POST", path + "/restart", "");
            default -> {
                server.send("PUT", path, document(code));
                server.send("POST", path + "/start", "");
            }
        }
        return new Edit("API on " + code, false);
    }

    private Edit template(boolean broken) throws Exception {
        String id = any(TEMPLATES);
        String built = Files.readString(Path.of("routes/media.yaml"));
        String head = "id: " + id + "\n";
        String next =
                broken
                        ? any(
                                List.of(
                                        built.replace(head, head + "    nonsense: true\n"),
                                        built.replace(head, head + "   x: [\n"),
                                        built.substring(0, built.length() / 2 + 7) + "\n: :",
                                        withStep(built, head, "nonsense: {}"),
                                        withStep(
                                                built,
                                                head,
                                                // Shows only when a route is made of it.
                                                isUsed(id)
                                                        ? "to: \"log:a?nonsense=true\""
                                                        : "nonsense: 7")))
                        : any(
                                List.of(
                                        built,
                                        built.replace(
                                                head, head + "    description: e" + number + "\n"),
                                        withStep(
                                                built, head, "setProperty: {name: a, constant: b}"),
                                        withStep(
                                                built,
                                                head,
                                                "filter: {simple: \"${header.none}\", steps: []}")));
        Files.writeString(routes.resolve("media.yaml"), next);
        return new Edit("template " + id, broken);
    }

    private boolean isUsed(String template) {
        return server.camel.getRoutes().stream()
                .anyMatch(route -> route.getId().endsWith("/" + template));
    }

    /** The template with a step between source and sink. */
    private static String withStep(String text, String head, String step) {
        int at = text.indexOf("steps:\n", text.indexOf(head)) + "steps:\n".length();
        return text.substring(0, at) + "          - " + step + "\n" + text.substring(at);
    }

    private Edit ownRoute(boolean broken) throws Exception {
        String id = "own-" + random.nextInt(3);
        Path file = routes.resolve(id + ".yaml");
        if (!broken && Files.exists(file) && random.nextBoolean()) {
            Files.delete(file);
            return new Edit("route " + id + " deleted", false);
        }
        String good =
                """
                - route:
                    id: %s
                    description: e%d
                    from:
                      uri: "ring:steady-a?delivery=%s"
                      steps:
                        - filter: { simple: "${header.none}", steps: [] }
                """
                        .formatted(id, number, any(List.of("direct", "queued")));
        String text =
                broken
                        ? any(
                                List.of(
                                        good.replace("ring:", "nosuchscheme:"),
                                        good.replace("delivery=", "nosuchoption="),
                                        good.replace("filter:", "filtre:"),
                                        good.replace("from:", "form:"),
                                        good.replace("simple:", "simple: \"${broken\" #")))
                        : good;
        Files.writeString(file, text);
        return new Edit("route " + id, broken);
    }
}
