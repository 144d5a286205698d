package io.wadi.stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.StreamSpec.Profile;
import io.wadi.stream.StreamSpec.Transcoder;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What of a document the encoders are to do: one document for each process. Nothing else of the
 * stream is in it, so that other changes do not touch the encoders.
 */
public final class Ladders {
    private static final Set<String> WITHOUT_FFMPEG = Set.of("passthrough", "remux");
    private static final String SEPARATE = "per_profile";
    private static final String COPY = "copy";

    /**
     * One process.
     *
     * @param route what its route's id ends with
     * @param json the {@code transcoder} of a document with {@code watermark} and {@code thumbnail}
     */
    public record Part(String route, String json) {
        /** As an endpoint takes it: free of every character that means something to a URI. */
        String encoded() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(json.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Ladders() {}

    /** The number of renditions; 0 when the stream goes out as it comes in. */
    static int renditions(StreamSpec spec) {
        Optional<Transcoder> transcoder = spec.transcoder().filter(Ladders::encodes);
        return transcoder
                .map(t -> t.video().copy() ? 1 : Math.max(1, profiles(t).size()))
                .orElse(0);
    }

    private static List<Profile> profiles(Transcoder transcoder) {
        return transcoder.video().profiles();
    }

    /** Both copied is no transcoding. */
    private static boolean encodes(Transcoder transcoder) {
        boolean copiesVideo =
                transcoder.video().copy()
                        || (!profiles(transcoder).isEmpty()
                                && profiles(transcoder).stream()
                                        .allMatch(profile -> profile.codec().equals(COPY)));
        boolean copiesAudio = transcoder.audio().copy() || transcoder.audio().codec().equals(COPY);
        return !WITHOUT_FFMPEG.contains(transcoder.mode()) && !(copiesVideo && copiesAudio);
    }

    /** The rendition that viewers without a choice get, from 1: the largest. */
    static int best(StreamSpec spec) {
        List<Profile> profiles = spec.transcoder().map(Ladders::profiles).orElse(List.of());
        boolean one = spec.transcoder().map(t -> t.video().copy()).orElse(true);
        int best = 0;
        for (int i = 1; i < profiles.size() && !one; i++) {
            if (size(profiles.get(i)) > size(profiles.get(best))) {
                best = i;
            }
        }
        return best + 1;
    }

    /** Pictures first, then bits; a copy and a size that is not given are the source's. */
    private static double size(Profile profile) {
        boolean asSource =
                profile.codec().equals(COPY) || (profile.width() == 0 && profile.height() == 0);
        double side = Math.max(profile.width(), profile.height() * 16.0 / 9);
        return (asSource ? 1e12 : side * 1e7) + profile.effectiveBitrate();
    }

    /** The processes that a stream needs. */
    public static List<Part> parts(StreamSpec spec) {
        int renditions = renditions(spec);
        if (renditions == 0) {
            return List.of();
        }
        ObjectNode whole = document(spec);
        boolean separate = spec.transcoder().orElseThrow().mode().equals(SEPARATE);
        if (!separate || renditions == 1) {
            return List.of(new Part("abr", whole.toString()));
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < renditions; i++) {
            ObjectNode own = whole.deepCopy();
            ArrayNode profiles = own.withObject("/video").putArray("profiles");
            profiles.add(whole.path("video").path("profiles").get(i));
            own.put("first_track", i + 1);
            if (i > 0) {
                own.remove("thumbnail"); // by one of them, which stays when others come and go
            }
            parts.add(new Part("abr/track_" + (i + 1), own.toString()));
        }
        return parts;
    }

    private static ObjectNode document(StreamSpec spec) {
        ObjectNode tree = SpecJson.tree(spec);
        ObjectNode document = SpecJson.mapper().createObjectNode();
        document.setAll((ObjectNode) tree.path("transcoder"));
        document.remove("mode");
        for (String key : List.of("watermark", "thumbnail")) {
            if (tree.path(key).path("enabled").asBoolean()) {
                document.set(key, tree.path(key));
            }
        }
        return document;
    }
}
