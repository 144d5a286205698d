package io.wadi.hls;

import io.lindstrom.m3u8.model.AlternativeRendition;
import io.lindstrom.m3u8.model.Channels;
import io.lindstrom.m3u8.model.MasterPlaylist;
import io.lindstrom.m3u8.model.MediaType;
import io.lindstrom.m3u8.model.Resolution;
import io.lindstrom.m3u8.model.Variant;
import io.lindstrom.m3u8.parser.MasterPlaylistParser;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Renders the master playlist of a stream (RFC 8216 §4.3.4) from what its renditions measure. */
final class MasterPlaylists {
    private static final MasterPlaylistParser WRITER = new MasterPlaylistParser();
    private static final int VERSION = 6;
    private static final double MILLIS = 1000.0;
    private static final String AUDIO_GROUP = "audio";

    private MasterPlaylists() {}

    private record Listed(String folder, Rendition.Description description) {}

    /** Of a whole stream. */
    static Document of(Collection<ListedRendition> renditions) {
        return of(
                renditions.stream()
                        .flatMap(
                                rendition ->
                                        rendition.describe().stream()
                                                .map(d -> new Listed(folder(rendition.name()), d)))
                        .toList(),
                renditions.stream()
                        .filter(rendition -> !rendition.isOnDemand())
                        .map(rendition -> folder(rendition.name()))
                        .collect(Collectors.toSet()));
    }

    /** Of one rendition, as seen from itself. */
    static Document ofOne(Rendition rendition) {
        return of(rendition.describe().stream().map(d -> new Listed("", d)).toList(), Set.of());
    }

    private static String folder(String rendition) {
        return rendition.isEmpty() ? "" : rendition + "/";
    }

    /**
     * @param steady folders whose audio costs no encoder that would not run anyway
     */
    private static Document of(List<Listed> listed, Set<String> steady) {
        var master = MasterPlaylist.builder().version(VERSION);
        // One audio group for all: audio is the same in every rung of a ladder.
        listed.stream()
                .filter(l -> !l.description().audio().isEmpty())
                .min(Comparator.comparing(l -> !steady.contains(l.folder())))
                .ifPresent(l -> audio(l, master));
        for (Listed one : listed) {
            master.addVariants(variant(one.folder(), one.description()));
        }
        boolean independent = listed.stream().allMatch(l -> l.description().independent());
        return Document.of(
                WRITER.writePlaylistAsString(master.independentSegments(independent).build()));
    }

    private static void audio(Listed from, MasterPlaylist.Builder master) {
        boolean first = true;
        for (Rendition.Alternative audio : from.description().audio()) {
            master.addAlternativeRenditions(audio(from.folder(), audio, first));
            first = false;
        }
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
