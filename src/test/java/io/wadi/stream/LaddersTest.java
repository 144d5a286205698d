package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which routes a ladder makes, and which of them a change touches. */
class LaddersTest {
    private static final String BIG = "{\"width\":1280,\"height\":720,\"bitrate\":2500}";
    private static final String MIDDLE = "{\"width\":854,\"height\":480,\"bitrate\":1200}";
    private static final String SMALL = "{\"width\":640,\"height\":360,\"bitrate\":700}";

    private static Set<RouteSpec> routes(String mode, String... profiles) throws Exception {
        return routes(
                "{\"mode\":\"%s\",\"video\":{\"profiles\":[%s]}}"
                        .formatted(mode, String.join(",", profiles)));
    }

    private static Set<RouteSpec> routes(String transcoder) throws Exception {
        return routesOf(
                "\"protocols\":{\"hls\":true,\"dash\":true,\"rtmp\":true,\"mpegts\":true},"
                        + "\"transcoder\":"
                        + transcoder);
    }

    private static Set<RouteSpec> routesOf(String keys) throws Exception {
        String document = "{\"inputs\":[{\"url\":\"publish://\"}]," + keys + "}";
        StreamSpec spec =
                SpecJson.bind(
                        "demo", SpecJson.parseObject(document.getBytes(StandardCharsets.UTF_8)));
        return Topology.of(spec, Settings.DEFAULT);
    }

    private static Set<String> ids(Set<RouteSpec> routes) {
        return routes.stream().map(RouteSpec::id).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String> route(Set<RouteSpec> routes, String id) {
        return routes.stream()
                .filter(route -> route.id().equals(id))
                .findAny()
                .orElseThrow()
                .parameters();
    }

    /** The ids of the routes that stop and start between two documents. */
    private static Set<String> restarted(Set<RouteSpec> before, Set<RouteSpec> after) {
        Predicate<RouteSpec> kept = route -> before.contains(route) && after.contains(route);
        Set<String> changed = new TreeSet<>();
        before.stream().filter(kept.negate()).forEach(route -> changed.add(route.id()));
        after.stream().filter(kept.negate()).forEach(route -> changed.add(route.id()));
        return changed;
    }

    @Test
    void aRungOfANewCodecIsNotServedInMpegTs() throws Exception {
        for (String codec : List.of("av1", "libsvtav1", "librav1e", "av1_nvenc", "libvpx-vp9")) {
            String rung = SMALL.replace("}", ",\"codec\":\"" + codec + "\"}");
            assertThat(route(routes("multi", BIG, rung), "demo/hls/track_1").get("to"))
                    .contains("container=fmp4");
        }
        assertThat(route(routes("multi", BIG, SMALL), "demo/hls/track_1").get("to"))
                .contains("container=ts");
    }

    @Test
    void packagesEachRenditionAndServesTheBest() throws Exception {
        Set<RouteSpec> routes = routes("multi", SMALL, BIG);
        assertThat(ids(routes))
                .containsExactly(
                        "demo/abr",
                        "demo/dash/track_1",
                        "demo/dash/track_2",
                        "demo/hls/track_1",
                        "demo/hls/track_2",
                        "demo/http-ts",
                        "demo/in/0",
                        "demo/rtmp");
        assertThat(route(routes, "demo/hls/track_2"))
                .containsEntry("from", "ring:demo/track_2")
                .hasEntrySatisfying("to", to -> assertThat(to).startsWith("hls:demo/track_2?"));
        assertThat(route(routes, "demo/rtmp")).containsEntry("from", "ring:demo/track_best");
        assertThat(route(routes, "demo/abr")).containsEntry("from", "ring:demo");
    }

    @Test
    void oneProfileRestartsThatEncoderOnly() throws Exception {
        assertThat(
                        restarted(
                                routes("per_profile", BIG, SMALL),
                                routes("per_profile", BIG, SMALL.replace("700", "900"))))
                .containsExactly("demo/abr/track_2");
        assertThat(
                        restarted(
                                routes("multi", BIG, SMALL),
                                routes("multi", BIG, SMALL.replace("700", "900"))))
                .containsExactly("demo/abr");
    }

    @Test
    void anotherRungTouchesNoOther() throws Exception {
        assertThat(
                        restarted(
                                routes("per_profile", BIG, MIDDLE),
                                routes("per_profile", BIG, MIDDLE, SMALL)))
                .containsExactly("demo/abr/track_3", "demo/dash/track_3", "demo/hls/track_3");
    }

    @Test
    void thePublisherStaysWhenTheTranscoderComesAndGoes() throws Exception {
        assertThat(restarted(routes("null"), routes("multi", BIG, SMALL)))
                .doesNotContain("demo/in/0");
    }

    @Test
    void bothCopiedIsNoTranscoding() throws Exception {
        Set<String> plain = ids(routes("null"));
        assertThat(ids(routes("{\"video\":{\"copy\":true},\"audio\":{\"copy\":true}}")))
                .isEqualTo(plain);
        assertThat(ids(routes("{\"mode\":\"passthrough\"}"))).isEqualTo(plain);
        assertThat(ids(routes("{\"video\":{\"copy\":true},\"audio\":{\"codec\":\"mp3\"}}")))
                .contains("demo/abr", "demo/hls/track_1")
                .doesNotContain("demo/hls/track_2");
    }

    private static List<String> problems(String transcoder) {
        try {
            routes(transcoder);
            return List.of();
        } catch (InvalidSpecException e) {
            return e.problems().stream().map(SpecProblem::path).toList();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String transcoder(String mode, String video, String... profiles) {
        return "{\"mode\":\"%s\",\"video\":{%s\"profiles\":[%s]}}"
                .formatted(mode, video, String.join(",", profiles));
    }

    @Test
    void oneProcessRestsAsAWhole() {
        String onDemand = SMALL.replace("}", ",\"on_demand\":true}");
        assertThat(problems(transcoder("multi", "", BIG, onDemand)))
                .containsExactly("transcoder.video.profiles[1].on_demand");
        assertThat(problems(transcoder("per_profile", "", BIG, onDemand))).isEmpty();
        assertThat(problems(transcoder("multi", "", onDemand))).isEmpty();
        assertThat(problems(transcoder("multi", "", onDemand, onDemand))).isEmpty();
        assertThat(problems(transcoder("multi", "\"on_demand\":true,", BIG, onDemand))).isEmpty();
        assertThat(problems(transcoder("multi", "\"on_demand_idle_sec\":-1,", BIG)))
                .containsExactly("transcoder.video.on_demand_idle_sec");
    }

    private static Set<RouteSpec> withThumbnail(String transcoder) throws Exception {
        return routesOf(
                "\"protocols\":{\"hls\":true},\"thumbnail\":{\"enabled\":true},"
                        + "\"transcoder\":"
                        + transcoder);
    }

    @Test
    void stillPicturesHaveAProcessWhereNoOtherRunsAllTheTime() throws Exception {
        assertThat(ids(withThumbnail("null")))
                .containsExactly("demo/hls", "demo/in/0", "demo/thumbnail");
        assertThat(ids(withThumbnail("{\"mode\":\"passthrough\"}"))).contains("demo/thumbnail");
        assertThat(ids(withThumbnail(transcoder("multi", "", BIG, SMALL))))
                .doesNotContain("demo/thumbnail");
        assertThat(ids(withThumbnail(transcoder("multi", "\"on_demand\":true,", BIG, SMALL))))
                .contains("demo/thumbnail");
        Set<RouteSpec> separate = withThumbnail(transcoder("per_profile", "", BIG, SMALL));
        assertThat(ids(separate)).contains("demo/thumbnail");
        assertThat(restarted(separate, withThumbnail(transcoder("per_profile", "", MIDDLE, SMALL))))
                .containsExactly("demo/abr/track_1");
    }
}
