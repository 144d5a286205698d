package io.wadi.hls;

import io.lindstrom.m3u8.model.AlternativeRendition;
import io.lindstrom.m3u8.model.Channels;
import io.lindstrom.m3u8.model.MasterPlaylist;
import io.lindstrom.m3u8.model.MediaType;
import io.lindstrom.m3u8.model.Resolution;
import io.lindstrom.m3u8.model.Variant;
import io.lindstrom.m3u8.parser.MasterPlaylistParser;

import java.util.Collection;

/** Renders the master playlist of a stream (RFC 8216 §4.3.4) from what its renditions measure. */
final class MasterPlaylists {
    private static final MasterPlaylistParser WRITER = new MasterPlaylistParser();
    private static final int VERSION = 6;
    private static final double MILLIS = 1000.0;
    private static final String AUDIO_GROUP = "audio";

    private MasterPlaylists() {}

    static Document of(Collection<Rendition> renditions) {
        var master = MasterPlaylist.builder().version(VERSION);
        boolean independent = true;
        boolean audioListed = false;
        for (Rendition rendition : renditions) {
            String folder = rendition.name().isEmpty() ? "" : rendition.name() + "/";
            for (Rendition.Description description : rendition.describe()) {
                independent &= description.independent();
                boolean audio = !description.audioPlaylist().isEmpty();
                if (audio && !audioListed) {
                    // One audio group for all: audio is the same in every rung of a ladder.
                    audioListed = true;
                    master.addAlternativeRenditions(audio(folder, description));
                }
                master.addVariants(variant(folder, description, audio));
            }
        }
        return Document.of(
                WRITER.writePlaylistAsString(master.independentSegments(independent).build()));
    }

    private static AlternativeRendition audio(String folder, Rendition.Description description) {
        var audio =
                AlternativeRendition.builder()
                        .type(MediaType.AUDIO)
                        .groupId(AUDIO_GROUP)
                        .name("audio")
                        .defaultRendition(true)
                        .autoSelect(true)
                        .uri(folder + description.audioPlaylist());
        if (description.audioChannels() > 0) {
            audio.channels(Channels.builder().count(description.audioChannels()).build());
        }
        return audio.build();
    }

    private static Variant variant(
            String folder, Rendition.Description description, boolean audio) {
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
        if (audio) {
            variant.audio(AUDIO_GROUP);
        }
        return variant.build();
    }
}
