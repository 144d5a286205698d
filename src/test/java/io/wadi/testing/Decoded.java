package io.wadi.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What FFmpeg shows and plays of a recording: a hash of every picture and of every stretch of
 * sound, with its time. Two recordings of the same encoded stream have the same hashes.
 */
public record Decoded(List<Frame> video, List<Frame> audio) {
    /** A picture or 1024 samples of sound. */
    public record Frame(double seconds, String hash) {}

    /**
     * Decodes one or more files that belong together. It fails when FFmpeg complains of anything.
     */
    public static Decoded of(Path... files) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("ffmpeg", "-nostdin", "-v", "warning", "-xerror"));
        command.add("-copyts");
        for (Path file : files) {
            command.addAll(List.of("-flags2", "+skip_manual", "-i", file.toString()));
        }
        for (int input = 0; input < files.length; input++) {
            command.addAll(List.of("-map", Integer.toString(input)));
        }
        // In the times of the file, every frame as it comes.
        command.addAll(List.of("-fps_mode", "passthrough", "-enc_time_base", "-1"));
        command.addAll(List.of("-f", "framemd5", "-"));
        return parse(Tools.run(command));
    }

    private static Decoded parse(String report) {
        List<Frame> video = new ArrayList<>();
        List<Frame> audio = new ArrayList<>();
        List<Double> timeBases = new ArrayList<>();
        List<Boolean> isVideo = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        for (String line : report.lines().toList()) {
            if (line.startsWith("#tb ")) {
                String[] fraction = line.substring(line.indexOf(':') + 2).split("/", -1);
                timeBases.add(Double.parseDouble(fraction[0]) / Double.parseDouble(fraction[1]));
            } else if (line.startsWith("#media_type ")) {
                isVideo.add(line.endsWith("video"));
            } else if (Character.isDigit(line.charAt(0))) {
                // stream, dts, pts, duration, size, hash
                String[] fields = line.split(", *", -1);
                int stream = Integer.parseInt(fields[0]);
                double seconds = Long.parseLong(fields[2].strip()) * timeBases.get(stream);
                (isVideo.get(stream) ? video : audio).add(new Frame(seconds, fields[5]));
            } else if (!line.startsWith("#")) {
                complaints.add(line);
            }
        }
        assertThat(complaints).as("complaints of FFmpeg").isEmpty();
        return new Decoded(List.copyOf(video), List.copyOf(audio));
    }

    /** The hashes of the pictures in the order in which they are shown. */
    public List<String> pictures() {
        return video.stream().map(Frame::hash).toList();
    }

    /** The hashes of the sound. */
    public List<String> sounds() {
        return audio.stream().map(Frame::hash).toList();
    }
}
