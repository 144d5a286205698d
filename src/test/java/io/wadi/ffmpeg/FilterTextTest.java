package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Text of a user's stays one value of one option, whatever it is. */
class FilterTextTest {
    @Provide
    Arbitrary<String> hostile() {
        return Arbitraries.strings()
                .withChars("\\':=,;[]% \t\n\r")
                .withCharRange('a', 'c')
                .withChars("{}$\"é漢")
                .ofMaxLength(40);
    }

    @Property(tries = 3000)
    void bothParsersGiveBackWhatWentIn(@ForAll("hostile") String text) {
        String filter = Filter.of("drawtext").with("text", text).with("x", "1").toString();
        Tokens graph = new Tokens("[in]" + filter + ",next[out]", "[in]".length());

        assertThat(graph.token("=,;[")).isEqualTo("drawtext");
        graph.skip('=');
        Tokens options = new Tokens(graph.token("[],;"), 0);
        graph.skip(',');
        assertThat(graph.token("=,;[")).isEqualTo("next");

        assertThat(options.key()).isEqualTo("text");
        assertThat(options.token(":")).isEqualTo(text);
        options.skip(':');
        assertThat(options.key()).isEqualTo("x");
        assertThat(options.token(":")).isEqualTo("1");
    }

    /** {@code av_get_token} of libavutil, as ffmpeg-utils "Quoting and escaping" describes it. */
    private static final class Tokens {
        private static final String BLANKS = " \n\t\r";
        private final String text;
        private int at;

        Tokens(String text, int at) {
            this.text = text;
            this.at = at;
        }

        String token(String ends) {
            StringBuilder token = new StringBuilder();
            int kept = 0;
            while (at < text.length() && BLANKS.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
                char c = text.charAt(at++);
                if (c == '\\' && at < text.length()) {
                    token.append(text.charAt(at++));
                    kept = token.length();
                } else if (c == '\'') {
                    while (at < text.length() && text.charAt(at) != '\'') {
                        token.append(text.charAt(at++));
                    }
                    at++;
                    kept = token.length();
                } else {
                    token.append(c);
                }
            }
            int end = token.length();
            while (end > kept && BLANKS.indexOf(token.charAt(end - 1)) >= 0) {
                end--;
            }
            return token.substring(0, end);
        }

        String key() {
            int start = at;
            at = text.indexOf('=', at) + 1;
            return text.substring(start, at - 1);
        }

        void skip(char c) {
            assertThat(text.charAt(at++)).isEqualTo(c);
        }
    }
}
