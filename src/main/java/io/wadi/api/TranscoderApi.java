package io.wadi.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.SpecJson;

import org.apache.camel.Exchange;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code POST /config/transcoder/probe}: what an FFmpeg can do. */
public final class TranscoderApi {
    /** Without these there is no ladder as documents are written by default. */
    private static final List<String> REQUIRED = List.of("libx264", "aac");

    private static final List<String> OPTIONAL =
            List.of(
                    "libx265",
                    "libmp3lame",
                    "libopus",
                    "ac3",
                    "h264_nvenc",
                    "hevc_nvenc",
                    "h264_vaapi",
                    "hevc_vaapi",
                    "h264_qsv",
                    "hevc_qsv",
                    "h264_videotoolbox",
                    "hevc_videotoolbox");

    private static final List<String> MUXERS = List.of("mpegts", "image2pipe");
    private static final List<String> FILTERS =
            List.of(
                    "scale",
                    "pad",
                    "crop",
                    "fps",
                    "split",
                    "yadif",
                    "overlay",
                    "drawtext",
                    "loudnorm");

    /** What a program says of itself. */
    public record Build(
            String path,
            String version,
            Set<String> encoders,
            Set<String> muxers,
            Set<String> filters) {}

    /** Asks a program. */
    @FunctionalInterface
    public interface Probe {
        /**
         * What it can do.
         *
         * @param path empty for the configured program
         */
        Build probe(String path) throws IOException;
    }

    /** The program is run: no other than an FFmpeg may be named. */
    private static final Pattern PROGRAM = Pattern.compile("|(.*/)?ffmpeg[A-Za-z0-9._-]*");

    private final Probe probe;

    public TranscoderApi(Probe probe) {
        this.probe = probe;
    }

    /** POST /config/transcoder/probe. */
    public void probe(Exchange exchange) {
        Request.answer(exchange, this::answer);
    }

    private Reply answer(Request request) throws ApiException {
        String path = path(request);
        Build build;
        try {
            build = probe.probe(path);
        } catch (IOException e) {
            throw new ApiException(502, "FFMPEG_UNUSABLE", e.getMessage());
        }
        ObjectNode data = SpecJson.mapper().createObjectNode();
        data.put("path", build.path());
        data.put("version", build.version());
        ObjectNode encoders = data.putObject("encoders");
        availability(encoders.putObject("required"), REQUIRED, build.encoders());
        availability(encoders.putObject("optional"), OPTIONAL, build.encoders());
        availability(data.putObject("muxers"), MUXERS, build.muxers());
        availability(data.putObject("filters"), FILTERS, build.filters());
        verdict(data, build);
        return Reply.data(200, data);
    }

    private static void verdict(ObjectNode data, Build build) {
        var warnings = data.putArray("warnings");
        var errors = data.putArray("errors");
        OPTIONAL.stream()
                .filter(name -> !build.encoders().contains(name))
                .forEach(name -> warnings.add("no encoder " + name));
        FILTERS.stream()
                .filter(name -> !build.filters().contains(name))
                .forEach(name -> warnings.add("no filter " + name));
        REQUIRED.stream()
                .filter(name -> !build.encoders().contains(name))
                .forEach(name -> errors.add("no encoder " + name));
        MUXERS.stream()
                .filter(name -> !build.muxers().contains(name))
                .forEach(name -> errors.add("no muxer " + name));
        data.put("ok", errors.isEmpty());
    }

    private static void availability(ObjectNode to, List<String> names, Set<String> there) {
        names.forEach(name -> to.put(name, there.contains(name)));
    }

    private static String path(Request request) throws ApiException {
        if (request.body().length == 0) {
            return "";
        }
        try {
            String path = SpecJson.parseObject(request.body()).path("ffmpeg_path").asText("");
            if (!PROGRAM.matcher(path).matches()) {
                throw new ApiException(
                        400,
                        "INVALID_BODY",
                        "ffmpeg_path: expected the path of a program whose name starts with"
                                + " ffmpeg, or nothing for the configured one");
            }
            return path;
        } catch (InvalidSpecException e) {
            throw ApiException.of(e);
        }
    }
}
