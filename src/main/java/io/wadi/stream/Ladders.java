package io.wadi.stream;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.TranscoderSpec.Profile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
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

    /** What the ring's name ends with that viewers without a choice get. */
    static final String BEST = "/track_best";

    private static final String THUMBNAIL = "thumbnail";

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
        Optional<TranscoderSpec> transcoder = spec.transcoder().filter(Ladders::encodes);
        return transcoder
                .map(t -> t.video().copy() ? 1 : Math.max(1, profiles(t).size()))
                .orElse(0);
    }

    private static List<Profile> profiles(TranscoderSpec transcoder) {
        return transcoder.video().profiles();
    }

    /** Whether a rung is of a codec that no player takes in MPEG-TS segments: AV1 or VP9. */
    static boolean isForFragmentsOnly(StreamSpec spec) {
        return spec.transcoder()
                .filter(Ladders::encodes)
                .filter(transcoder -> !transcoder.video().copy())
                .filter(transcoder -> profiles(transcoder).stream().anyMatch(Ladders::isNew))
                .isPresent();
    }

    /** By name or by an encoder's: av1, libsvtav1, librav1e, av1_nvenc, vp9, libvpx-vp9. */
    private static boolean isNew(Profile profile) {
        String codec = profile.codec().toLowerCase(Locale.ROOT);
        return codec.contains("av1") || codec.contains("vp9");
    }

    /** Both copied is no transcoding. */
    private static boolean encodes(TranscoderSpec transcoder) {
        boolean copiesVideo =
                transcoder.video().copy()
                        || (!profiles(transcoder).isEmpty()
                                && profiles(transcoder).stream()
                                        .allMatch(profile -> profile.codec().equals(COPY)));
        boolean copiesAudio = transcoder.audio().copy() || transcoder.audio().codec().equals(COPY);
        return !WITHOUT_FFMPEG.contains(transcoder.mode()) && !(copiesVideo && copiesAudio);
    }

    /** Whether a rung can run on demand: all that its process makes does. */
    static boolean mayRest(TranscoderSpec transcoder, int index) {
        boolean alone = transcoder.mode().equals(SEPARATE) || profiles(transcoder).size() == 1;
        return alone
                || transcoder.video().onDemand()
                || profiles(transcoder).stream().allMatch(Profile::onDemand);
    }

    /** The processes that a stream needs. */
    public static List<Part> parts(StreamSpec spec) {
        int renditions = renditions(spec);
        ObjectNode whole = document(spec);
        List<Part> parts = new ArrayList<>();
        if (renditions == 0) {
            stills(whole, true).ifPresent(parts::add);
            return parts;
        }
        TranscoderSpec transcoder = spec.transcoder().orElseThrow();
        boolean separate = transcoder.mode().equals(SEPARATE) && renditions > 1;
        if (separate || rests(transcoder)) {
            // Of its own, since the others come and go.
            stills(whole, false).ifPresent(parts::add);
            whole.remove(THUMBNAIL);
        }
        if (!separate) {
            parts.add(new Part("abr", whole.toString()));
            return parts;
        }
        for (int i = 0; i < renditions; i++) {
            ObjectNode own = whole.deepCopy();
            ArrayNode profiles = own.withObject("/video").putArray("profiles");
            profiles.add(whole.path("video").path("profiles").get(i));
            own.put("first_track", i + 1);
            parts.add(new Part("abr/track_" + (i + 1), own.toString()));
        }
        return parts;
    }

    private static boolean rests(TranscoderSpec transcoder) {
        return transcoder.video().onDemand()
                || profiles(transcoder).stream().anyMatch(Profile::onDemand);
    }

    /**
     * A process for still pictures alone.
     *
     * @param plain whether viewers see the source's pictures, without a watermark
     */
    private static Optional<Part> stills(ObjectNode whole, boolean plain) {
        if (!whole.has(THUMBNAIL)) {
            return Optional.empty();
        }
        ObjectNode own = SpecJson.mapper().createObjectNode();
        own.put("stills_only", true);
        own.set(THUMBNAIL, whole.get(THUMBNAIL));
        if (!plain && whole.has("watermark")) {
            own.set("watermark", whole.get("watermark"));
        }
        return Optional.of(new Part(THUMBNAIL, own.toString()));
    }

    private static ObjectNode document(StreamSpec spec) {
        ObjectNode tree = SpecJson.tree(spec);
        ObjectNode document = SpecJson.mapper().createObjectNode();
        if (tree.path("transcoder") instanceof ObjectNode transcoder) {
            document.setAll(transcoder);
        }
        document.remove("mode");
        for (String key : List.of("watermark", THUMBNAIL)) {
            if (tree.path(key).path("enabled").asBoolean()) {
                document.set(key, tree.path(key));
            }
        }
        return document;
    }
}
