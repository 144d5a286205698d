package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

/**
 * Fetches what a playlist or an MPD lists, as a player does that starts at the oldest segment and
 * goes on to the first discontinuity.
 */
final class Segments {
    private final RunningServer server;
    private final Path folder;

    Segments(RunningServer server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    private Path fetch(String name, List<String> paths) throws IOException, InterruptedException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (String path : paths) {
                out.write(server.get(path));
            }
        }
        return file;
    }

    /** One file, or one a track where the playlist is a master playlist with fMP4. */
    List<Path> hls(String code) throws IOException, InterruptedException {
        String index = server.text(code + "/index.m3u8");
        if (!index.contains("#EXT-X-STREAM-INF")) {
            return List.of(media(code, index, code + "-hls"));
        }
        List<Path> files = new ArrayList<>();
        for (String playlist : List.of("video.m3u8", "audio.m3u8")) {
            assertThat(index).contains(playlist);
            files.add(media(code, server.text(code + "/" + playlist), code + "-hls-" + playlist));
        }
        return files;
    }

    private Path media(String code, String playlist, String name)
            throws IOException, InterruptedException {
        List<String> paths = new ArrayList<>();
        for (String line : playlist.lines().toList()) {
            if (line.equals("#EXT-X-DISCONTINUITY")) {
                break;
            } else if (line.startsWith("#EXT-X-MAP:URI=")) {
                paths.add(code + "/" + line.split("\"", -1)[1]);
            } else if (!line.startsWith("#")) {
                paths.add(code + "/" + line);
            }
        }
        assertThat(playlist)
                .as("a later source ends the last segment")
                .contains("#EXT-X-DISCONTINUITY\n");
        return fetch(name, paths);
    }

    /** One file a track, of the first Period. */
    List<Path> dash(String code) throws Exception {
        Element mpd =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(server.get(code + "/index.mpd")))
                        .getDocumentElement();
        Element period = (Element) mpd.getElementsByTagName("Period").item(0);
        List<Path> files = new ArrayList<>();
        for (Element template : elements(period, "SegmentTemplate")) {
            List<String> paths = new ArrayList<>();
            paths.add(code + "/" + template.getAttribute("initialization"));
            long number = Long.parseLong(template.getAttribute("startNumber"));
            String media = template.getAttribute("media").replace("$Number%05d$", "%05d");
            for (Element entry : elements(template, "S")) {
                String repeat = entry.getAttribute("r");
                int count = 1 + (repeat.isEmpty() ? 0 : Integer.parseInt(repeat));
                for (int i = 0; i < count; i++) {
                    paths.add(code + "/" + media.formatted(number++));
                }
            }
            files.add(fetch(code + "-dash-" + files.size() + ".mp4", paths));
        }
        return files;
    }

    private static List<Element> elements(Element in, String name) {
        NodeList nodes = in.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
