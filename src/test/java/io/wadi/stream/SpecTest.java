package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

class SpecTest {
    static StreamSpec json(String code, String json) throws InvalidSpecException {
        return SpecJson.bind(code, SpecJson.parseObject(json.getBytes(StandardCharsets.UTF_8)));
    }

    static InvalidSpecException error(String json) {
        try {
            json("demo", json);
        } catch (InvalidSpecException e) {
            return e;
        }
        throw new AssertionError("accepted: " + json);
    }

    private static final String CHANNEL =
            """
            {
              "code": "channel-1",
              "name": "Morning Show",
              "inputs": [
                {"url": "rtmp://encoder.studio.local/live/mykey", "priority": 0,
                 "net": {"reconnect": true, "reconnect_delay_sec": 2, "reconnect_max_delay_sec": 30}},
                {"url": "udp://239.1.1.1:5000", "priority": 1}
              ],
              "transcoder": {
                "video": {"profiles": [
                  {"width": 1920, "height": 1080, "bitrate": 4000, "codec": "h264", "preset": "fast"},
                  {"width": 1280, "height": 720, "bitrate": 2000, "codec": "h264", "preset": "fast"}
                ]},
                "audio": {"codec": "aac", "bitrate": 128, "channels": 2},
                "global": {"hw_accel": "nvenc"}
              },
              "protocols": {"hls": true, "dash": true, "rtsp": true},
              "push": [{"url": "rtmp://a.rtmp.youtube.com/live2/xxxx", "enabled": true,
                        "comment": "YouTube Live"}],
              "dvr": {"enabled": true, "segment_duration": 6, "retention_sec": 172800}
            }
            """;

    @Test
    void readsTheWellKnownExampleAndWritesItAsYaml() throws Exception {
        StreamSpec spec = json("channel-1", CHANNEL);
        assertThat(spec.transcoder().orElseThrow().global().hw()).isEqualTo("nvenc");
        assertThat(SpecYaml.write(spec))
                .isEqualTo(
                        """
                        name: Morning Show
                        inputs:
                          - url: rtmp://encoder.studio.local/live/mykey
                            priority: 0
                            net:
                              reconnect_delay_sec: 2
                              reconnect: true
                              reconnect_max_delay_sec: 30
                          - url: udp://239.1.1.1:5000
                            priority: 1
                        """
                                        .replace(
                                                "  reconnect_delay_sec: 2\n      reconnect: true\n",
                                                "  reconnect: true\n      reconnect_delay_sec: 2\n")
                                + """
                                transcoder:
                                  video:
                                    profiles:
                                      - width: 1920
                                        height: 1080
                                        bitrate: 4000
                                        codec: h264
                                        preset: fast
                                      - width: 1280
                                        height: 720
                                        bitrate: 2000
                                        codec: h264
                                        preset: fast
                                  audio:
                                    codec: aac
                                    bitrate: 128
                                    channels: 2
                                  global:
                                    hw: nvenc
                                protocols:
                                  hls: true
                                  dash: true
                                  rtsp: true
                                push:
                                  - url: rtmp://a.rtmp.youtube.com/live2/xxxx
                                    enabled: true
                                    comment: YouTube Live
                                dvr:
                                  enabled: true
                                  retention_sec: 172800
                                  segment_duration: 6
                                """);
        assertThat(SpecYaml.read("channel-1", SpecYaml.write(spec))).isEqualTo(spec);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'protocol': {}} | INVALID_BODY | protocol | did you mean 'protocols'",
                "{'protocols': {'hsl': true}} | INVALID_BODY | protocols.hsl | 'hls'",
                "{'name': 5} | INVALID_BODY | name | text",
                "{'disabled': 'yes'} | INVALID_BODY | disabled | true or false",
                "{'inputs': {}} | INVALID_BODY | inputs | a list",
                "{'inputs': [{'url': 'rtmp://h/a/b', 'priority': 1}]} | INVALID_INPUT_PRIORITY"
                        + " | inputs[0].priority | 0, its place",
                "{'inputs': [{'url': 'rtmp://h/a/b'}, {'url': ' rtmp://h/a/b '}]}"
                        + " | DUPLICATE_INPUT | inputs[1].url | different",
                "{'inputs': [{'url': 'gopher://h'}]} | INVALID_BODY | inputs[0].url | rtmp",
                "{'inputs': [{'url': 'file:///a/../b'}]} | INVALID_BODY | inputs[0].url | without"
                        + " ..",
                "{'inputs': [{'url': 'rtmp://h/a/{{env:HOME}}'}]} | INVALID_BODY | inputs[0].url |"
                        + " {{",
                "{'stream_key': '{{env:HOME}}'} | INVALID_BODY | stream_key | {{",
                "{'transcoder': {'mode': 'turbo'}} | INVALID_TRANSCODER_MODE | transcoder.mode"
                        + " | passthrough",
                "{'transcoder': {'video': {'profiles': [{'width': -1}]}}} | INVALID_BODY"
                        + " | transcoder.video.profiles[0].width | 0 to 16384",
                "{'watermark': {'type': 'video'}} | INVALID_WATERMARK | watermark.type | image,"
                        + " text",
                "{'watermark': {'opacity': 2}} | INVALID_WATERMARK | watermark.opacity | 0 to 1",
                "{'packaging': {'segment': '1ms'}} | INVALID_BODY | packaging.segment | 200ms to"
                        + " 60s",
                "{'input_packet_timeout': 'soon'} | INVALID_BODY | input_packet_timeout | 500ms",
                "{'on_publish': 'maybe'} | INVALID_BODY | on_publish | reject, takeover",
                "{'transcoder': {'global': {'hw': 'qsv', 'hw_accel': 'nvenc'}}} | INVALID_BODY"
                        + " | transcoder.global.hw_accel | same value",
                "{'push': [{'url': 'file:///etc/passwd'}]} | INVALID_BODY | push[0].url | rtmps",
            })
    void saysWhatIsWrongWhereAndWhatWouldBeRight(
            String json, String code, String path, String expected) {
        SpecProblem problem = error(json.replace('\'', '"').replace("h264", "h264")).first();
        assertThat(problem.code()).isEqualTo(code);
        assertThat(problem.path()).isEqualTo(path);
        assertThat(problem.expected()).contains(expected.replace('\'', '\''));
    }

    @Test
    void yamlErrorsNameLineAndColumn() {
        String yaml = "# a comment\nname: Demo\nprotocols:\n  hls: yes\n";
        try {
            SpecYaml.read("demo", yaml);
            throw new AssertionError("accepted");
        } catch (InvalidSpecException e) {
            assertThat(e.line()).isEqualTo(4);
            assertThat(e.column()).isEqualTo(3);
            assertThat(e.getMessage()).contains("protocols.hls", "\"yes\"", "true or false");
        }
    }

    @Test
    void putKeepsAbsentKeysAndClearsOnNull() throws Exception {
        ObjectNode stored = SpecJson.tree(json("demo", CHANNEL));
        ObjectNode change =
                SpecJson.parseObject(
                        "{\"dvr\":null,\"protocols\":{\"hls\":true}}"
                                .getBytes(StandardCharsets.UTF_8));
        StreamSpec merged = SpecJson.bind("demo", SpecJson.mergeTopLevel(stored, change));
        assertThat(merged.dvr()).isEmpty();
        assertThat(merged.protocols().dash()).isFalse();
        assertThat(merged.name()).isEqualTo("Morning Show");
        StreamSpec deep = SpecJson.bind("demo", SpecJson.mergeDeep(stored, change));
        assertThat(deep.protocols().dash()).isTrue();
        assertThat(deep.inputs()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rtmp://0.0.0.0:1935/live/mykey |"
                        + " rtmp:listen/live/mykey?streamKey=RAW(k)&onPublish=reject",
                "rtmp://0.0.0.0:1936/live/mykey |"
                        + " rtmp:0.0.0.0:1936/live/mykey?streamKey=RAW(k)&onPublish=reject",
                "rtmp://[::]:1935/live/a | rtmp:listen/live/a?streamKey=RAW(k)&onPublish=reject",
                "publish:// | rtmp:listen/live/demo?streamKey=RAW(k)&onPublish=reject",
                "rtmp://enc.local/live/key | rtmp:enc.local:1935/live/key",
                "rtmp://enc.local/live/key?t=1&u=#x |"
                        + " rtmp:enc.local:1935/live/key?query=RAW(t=1&u=)",
                "srt://relay:9999?streamid=key&latency=200 |"
                        + " srt:relay:9999?streamId=RAW(key)&latency=RAW(200)",
                "srt://0.0.0.0:9999?streamid=key | srt:listen?streamId=RAW(key)&onPublish=reject",
                "rtsp://u:p%40w@cam:554/stream |"
                        + " rtsp:cam:554/stream?username=RAW(u)&password=RAW(p@w)",
                "udp://239.1.1.1:5000 | udp:239.1.1.1:5000",
                "https://cdn/playlist.m3u8 | hls:https://cdn/playlist.m3u8",
                "http://cdn/live.ts?a=b | http-ts:http://cdn/live.ts?query=RAW(a=b)",
                "http://cdn/raw | http-ts:http://cdn/raw",
                "file:///recordings/src.ts?loop=true | media-file:/recordings/src.ts?loop=true",
                "/recordings/src.ts | media-file:/recordings/src.ts",
                "s3://bucket/key.ts?region=eu-1 | media-s3:bucket/key.ts?region=RAW(eu-1)",
                "copy://news/one | ring:news/one",
                "ffmpeg:testsrc?size=1280x720&rate=25 | ffmpeg:testsrc?size=1280x720&rate=25",
            })
    void mapsInputUrlsToEndpoints(String url, String endpoint) throws Exception {
        StreamSpec spec =
                json("demo", "{\"stream_key\":\"k\",\"inputs\":[{\"url\":\"" + url + "\"}]}");
        assertThat(InputUri.of(spec, spec.inputs().getFirst(), Settings.DEFAULT))
                .isEqualTo(endpoint);
    }

    @Test
    void makesTheRoutesThatWereAskedFor() throws Exception {
        StreamSpec spec =
                json(
                        "a/b",
                        "{\"inputs\":[{\"url\":\"publish://\"}],\"packaging\":{\"window\":5,"
                                + "\"segment\":1.5},\"protocols\":{\"hls\":true,\"mpegts\":true}}");
        assertThat(Topology.of(spec, Settings.DEFAULT))
                .containsExactlyInAnyOrder(
                        new RouteSpec(
                                "a/b/in/0",
                                "a/b",
                                "input",
                                Map.of(
                                        "from", "rtmp:listen/live/a/b?onPublish=reject",
                                        "to", "ring:a/b?input=0")),
                        new RouteSpec(
                                "a/b/hls",
                                "a/b",
                                "hls",
                                Map.of(
                                        "from",
                                        "ring:a/b",
                                        "to",
                                        "hls:a/b?container=ts&segmentDuration=1500ms&window=5&history=0")),
                        new RouteSpec(
                                "a/b/http-ts",
                                "a/b",
                                "http-ts",
                                Map.of("from", "ring:a/b", "to", "http-ts:a/b?sendLatency=30ms")));
        assertThat(Topology.of(spec.withStatus(StreamSpec.Status.STOPPED), Settings.DEFAULT))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "demo,true",
        "a-b_C9,true",
        "a/b/c,true",
        "'',false",
        "/a,false",
        "a/,false",
        "a//b,false",
        "../a,false",
        "a/../b,false",
        "a.b,false",
        "streams,false",
        "streams/a,false",
        "metrics,false",
        "a/track_1,false",
        "a b,false"
    })
    void judgesCodes(String code, boolean good) {
        assertThat(StreamCode.problemOf(code).isEmpty()).isEqualTo(good);
    }

    @Test
    void hostileYamlIsRefusedWithBoundedMemory() {
        String bomb = "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nname: *b\n";
        String deep = "name: " + "[".repeat(100_000);
        String many = "tags: [" + "1,".repeat(200_000) + "]";
        for (String text :
                List.of(
                        bomb,
                        deep,
                        many,
                        "\0",
                        "a: b: c",
                        "- 1",
                        "",
                        "---\na: 1\n---\nb: 2\n",
                        "name: x\nname: y\n",
                        "name: !!javax.script.X y\n",
                        "? [a]\n: b\n")) {
            try {
                SpecYaml.read("demo", text);
                throw new AssertionError(
                        "accepted " + text.substring(0, Math.min(20, text.length())));
            } catch (InvalidSpecException e) {
                assertThat(e.getMessage()).hasSizeLessThan(400);
            }
        }
    }

    @Test
    void hostileJsonIsRefused() {
        for (String text :
                List.of(
                        "[".repeat(100_000),
                        "{\"name\":1e999999999}",
                        "{\"a\":1,\"a\":2}",
                        "{} {}",
                        "{\"transcoder\":{\"global\":{\"gop\":99999999999999999999999}}}",
                        "nul",
                        "")) {
            assertThat(error(text).getMessage()).hasSizeLessThan(400);
        }
    }
}
