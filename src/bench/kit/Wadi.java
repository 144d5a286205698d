package kit;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server from {@code target/wadi.jar}, alone on its core, in a folder of its own. */
final class Wadi {
    static final int HTTP = 18080;
    static final int RTMP = 11935;

    /** Times 20 seconds, of which the compilers take so much in the end. */
    private static final int MAX_SETTLING = 9;

    private static final double COMPILED_SECONDS = 0.2;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    final Process process;
    private final Path folder;

    private Wadi(Process process, Path folder) {
        this.process = process;
        this.folder = folder;
    }

    /** Starts it and waits until it is ready. */
    static Wadi start(Lab lab, String... arguments) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(lab.folder, "server");
        // It makes the demo stream where there is no such folder.
        Files.createDirectories(folder.resolve("streams"));
        List<String> command = new ArrayList<>();
        String java = ProcessHandle.current().info().command().orElse("java");
        String jar = Path.of("target/wadi.jar").toAbsolutePath().toString();
        command.addAll(
                List.of(
                        java,
                        "-jar",
                        jar,
                        "--wadi.http.port=" + HTTP,
                        "--wadi.listeners.rtmp.port=" + RTMP,
                        "--wadi.data.dir=" + folder.resolve("data"),
                        "--wadi.streams.dir=" + folder.resolve("streams")));
        command.addAll(List.of(arguments));
        Process process = lab.start(Lab.MEASURED, folder.resolve("server.log"), command);
        Wadi wadi = new Wadi(process, folder);
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!wadi.isReady()) {
            if (!process.isAlive() || System.nanoTime() > limit) {
                throw new IOException(Files.readString(folder.resolve("server.log")));
            }
            Thread.sleep(50);
        }
        return wadi;
    }

    private boolean isReady() throws InterruptedException {
        try {
            return get("/readyz").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + HTTP + path)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Makes a stream that waits for its publisher, and starts it. */
    void stream(String code, String document) throws IOException, InterruptedException {
        send("PUT", "/streams/" + code, document);
        send("POST", "/streams/" + code + "/start", "");
    }

    void send(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response =
                CLIENT.send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + HTTP + path))
                                .header("Content-Type", "application/json")
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(method + " " + path + ": " + response.body());
        }
    }

    /** Windows fill, and the just-in-time compilers have their say. */
    void settle() throws IOException, InterruptedException {
        double compiled = Double.MAX_VALUE;
        for (int i = 0; i < MAX_SETTLING && compiled > COMPILED_SECONDS; i++) {
            double before = Lab.compilerSeconds(process);
            Thread.sleep(20_000);
            compiled = Lab.compilerSeconds(process) - before;
        }
    }

    /** What is resident afterwards is in use: the heap gives back what a collection has emptied. */
    void collect() throws IOException, InterruptedException {
        String java = ProcessHandle.current().info().command().orElse("java");
        String jcmd = Path.of(java).resolveSibling("jcmd").toString();
        new ProcessBuilder(jcmd, Long.toString(process.pid()), "GC.run")
                .redirectErrorStream(true)
                .start()
                .onExit()
                .join();
    }

    String log() throws IOException {
        return Files.readString(folder.resolve("server.log"));
    }

    void stop() throws InterruptedException {
        Lab.stop(process);
    }

    /** A file of H.264 and AAC at a constant rate, 30 pictures and 47 audio frames a second. */
    static Path sample(Lab lab, int videoKbps) throws IOException, InterruptedException {
        Path file = lab.folder.resolve(videoKbps + ".flv");
        if (!Files.exists(file)) {
            lab.run(
                    ("ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=30:d=60 -f lavfi"
                                    + " -i sine=f=440:r=48000:d=60 -c:v libx264 -preset veryfast"
                                    + " -g 60 -sc_threshold 0 -bf 0 -b:v "
                                    + videoKbps
                                    + "k -maxrate "
                                    + videoKbps
                                    + "k -bufsize "
                                    + videoKbps
                                    + "k -x264-params nal-hrd=cbr:force-cfr=1 -c:a aac -b:a 128k"
                                    + " -f flv "
                                    + file)
                            .split(" "));
        }
        return file;
    }

    /** Publishes a file in a loop, copied, at the pace of its clock. */
    static Process publish(Lab lab, Path file, String code) throws IOException {
        return publish(lab, file, RTMP, code);
    }

    /** The same to any server. */
    static Process publish(Lab lab, Path file, int port, String code) throws IOException {
        return lab.start(
                Lab.DRIVER,
                lab.folder.resolve("publish-" + port + "-" + code + ".log"),
                ("ffmpeg -nostdin -v error -re -stream_loop -1 -i "
                                + file
                                + " -c copy -f flv rtmp://127.0.0.1:"
                                + port
                                + "/live/"
                                + code)
                        .split(" "));
    }

    /** Waits until a publisher's media has come in. */
    void awaitLive(String code) throws IOException, InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!new String(get("/streams/" + code + "/status").body())
                .contains("\"status\":\"active\",\"pipeline_active\":true,\"active_input")) {
            if (System.nanoTime() > limit) {
                throw new IOException(code + " does not come in\n" + log());
            }
            Thread.sleep(50);
        }
    }
}
