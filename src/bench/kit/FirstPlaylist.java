package kit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From the first published key frame to the first playlist that names a segment. FFmpeg publishes
 * through a relay of this program's, which sees the key frame go by: the first bytes that are
 * neither handshake nor command.
 *
 * <pre>
 * java src/bench/kit/FirstPlaylist.java
 * </pre>
 */
final class FirstPlaylist {
    private static final int ROUNDS = 11;

    /**
     * Handshake 3,073 bytes; commands, metadata and headers are below another kilobyte and half.
     */
    private static final int BEFORE_KEY_FRAME = 3073 + 1500;

    private FirstPlaylist() {}

    public static void main(String[] args) throws Exception {
        try (Lab lab = new Lab()) {
            Path sample = Wadi.sample(lab, 2000);
            Wadi wadi = Wadi.start(lab);
            List<Double> over = new ArrayList<>();
            double length = 0;
            for (int round = 0; round <= ROUNDS; round++) {
                double[] seen = round(lab, wadi, sample, "f" + round);
                length = seen[1];
                if (round > 0) {
                    over.add((seen[0] - seen[1]) * 1000);
                }
            }
            wadi.stop();
            double[] values = over.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            Report.write(
                    "first playlist",
                    String.format(
                            Locale.ROOT,
                            "| rounds | length of the first segment | over it, median | at most"
                                    + " |%n|---:|---:|---:|---:|%n| %d | %.2f s | **%.0f ms** | %.0f"
                                    + " ms |%n",
                            values.length,
                            length,
                            values[values.length / 2],
                            values[values.length - 1]));
        }
    }

    private static double[] round(Lab lab, Wadi wadi, Path sample, String code) throws Exception {
        wadi.stream(code, "{\"inputs\":[{\"url\":\"publish://\"}],\"protocols\":{\"hls\":true}}");
        try (ServerSocket relay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Long> keyFrame = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> relay(relay, keyFrame));
            Process publisher =
                    lab.start(
                            Lab.DRIVER,
                            lab.folder.resolve("relay.log"),
                            ("ffmpeg -nostdin -v error -re -i "
                                            + sample
                                            + " -c copy -f flv rtmp://127.0.0.1:"
                                            + relay.getLocalPort()
                                            + "/live/"
                                            + code)
                                    .split(" "));
            long sent = keyFrame.get();
            String playlist = "";
            while (!playlist.contains("#EXTINF")) {
                playlist = new String(wadi.get("/" + code + "/index.m3u8").body());
                if (playlist.contains("#EXT-X-STREAM-INF")) {
                    String media = playlist.strip().lines().reduce((a, b) -> b).orElseThrow();
                    playlist = new String(wadi.get("/" + code + "/" + media).body());
                }
            }
            double took = (System.nanoTime() - sent) / 1e9;
            Lab.stop(publisher);
            wadi.send("DELETE", "/streams/" + code, "");
            Matcher length = Pattern.compile("#EXTINF:([0-9.]+)").matcher(playlist);
            if (!length.find()) {
                throw new IOException(playlist);
            }
            return new double[] {took, Double.parseDouble(length.group(1))};
        }
    }

    private static void relay(ServerSocket listener, CompletableFuture<Long> keyFrame) {
        try (Socket publisher = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), Wadi.RTMP)) {
            server.setTcpNoDelay(true);
            publisher.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> copy(server, publisher, new CompletableFuture<>()));
            copy(publisher, server, keyFrame);
        } catch (IOException e) {
            keyFrame.completeExceptionally(e);
        }
    }

    private static void copy(Socket from, Socket to, CompletableFuture<Long> keyFrame) {
        byte[] buffer = new byte[65_536];
        long bytes = 0;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                bytes += n;
                if (bytes > BEFORE_KEY_FRAME) {
                    keyFrame.complete(System.nanoTime());
                }
            }
        } catch (IOException e) {
            keyFrame.completeExceptionally(e);
        }
    }
}
