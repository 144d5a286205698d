package io.wadi.hls;

import io.lindstrom.m3u8.model.AlternativeRendition;
import io.lindstrom.m3u8.model.Channels;
import io.lindstrom.m3u8.model.MasterPlaylist;
import io.lindstrom.m3u8.model.MediaType;
import io.lindstrom.m3u8.model.Resolution;
import io.lindstrom.m3u8.model.Variant;
import io.lindstrom.m3u8.parser.MasterPlaylistParser;

import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Renders the master playlist of a stream (RFC 8216 §4.3.4) from what its renditions measure. */
final class MasterPlaylists {
    private static final MasterPlaylistParser WRITER = new MasterPlaylistParser();
    private static final int VERSION = 6;
    private static final double MILLIS = 1000.0;
    private static final String AUDIO_GROUP = "audio";

    private MasterPlaylists() {}

    /** Of a whole stream. */
    static Document of(Collection<Rendition> renditions) {
        return of(renditions, rendition -> folder(rendition.name()));
    }

    /** Of one rendition, as seen from itself. */
    static Document ofOne(Rendition rendition) {
        return of(List.of(rendition), _ -> "");
    }

    private static String folder(String rendition) {
        return rendition.isEmpty() ? "" : rendition + "/";
    }

    private static Document of(
            Collection<Rendition> renditions, Function<Rendition, String> folders) {
        var master = MasterPlaylist.builder().version(VERSION);
        boolean independent = true;
        boolean audioListed = false;
        for (Rendition rendition : renditions) {
            String folder = folders.apply(rendition);
            for (Rendition.Description description : rendition.describe()) {
                independent &= description.independent();
                if (!description.audio().isEmpty() && !audioListed) {
                    // One audio group for all: audio is the same in every rung of a ladder.
                    audioListed = true;
                    boolean first = true;
                    for (Rendition.Alternative audio : description.audio()) {
                        master.addAlternativeRenditions(audio(folder, audio, first));
                        first = false;
                    }
                }
                master.addVariants(variant(folder, description));
            }
        }
        return Document.of(
                WRITER.writePlaylistAsString(master.independentSegments(independent).build()));
    }

    private static AlternativeRendition audio(
            String folder, Rendition.Alternative audio, boolean first) {
        String file = audio.playlist();
        var alternative =
                AlternativeRendition.builder()
                        .type(MediaType.AUDIO)
                        .groupId(AUDIO_GROUP)
                        .name(file.substring(0, file.indexOf('.')))
                        .defaultRendition(first)
                        .autoSelect(true)
                        .uri(folder + file);
        if (!audio.language().isEmpty()) {
            alternative.language(audio.language());
        }
        if (audio.channels() > 0) {
            alternative.channels(Channels.builder().count(audio.channels()).build());
        }
        return alternative.build();
    }

    private static Variant variant(String folder, Rendition.Description description) {
        var variant =
                Variant.builder()
                        .uri(folder + description.playlist())
                        .bandwidth(description.peakBps())
                        .averageBandwidth(description.averageBps())
                        .codecs(description.codecs());
        if (description.width() > 0) {
            variant.resolution(Resolution.of(description.width(), description.height()));
        }
        if (description.frameRate() > 0) {
            variant.frameRate(Math.round(description.frameRate() * MILLIS) / MILLIS);
        }
        if (!description.audio().isEmpty()) {
            variant.audio(AUDIO_GROUP);
        }
        return variant.build();
    }
}
