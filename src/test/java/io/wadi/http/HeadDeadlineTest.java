package io.wadi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.CharsetUtil;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

class HeadDeadlineTest {
    private static final String HEAD = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void open() {
        channel.freezeTime();
        channel.pipeline().addLast(new HttpRequestDecoder());
        HeadDeadline.guard(channel, Duration.ofSeconds(10));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, CharsetUtil.US_ASCII));
    }

    private void wait(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void closesAConnectionThatDripsItsHead() {
        for (char c : "GET / HTTP".toCharArray()) {
            assertThat(channel.isOpen()).isTrue();
            send(String.valueOf(c));
            wait(1);
        }

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void keepsAConnectionWhoseHeadIsThere() {
        send(HEAD);
        wait(100);

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void looksAtEveryHeadOfAConnection() {
        send(HEAD);
        wait(100);
        send(HEAD + "G");
        send("E");
        wait(9);
        assertThat(channel.isOpen()).isTrue();
        wait(1);

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void doesNotCountTheBody() {
        send("PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\na");
        wait(60);
        send("b");
        wait(60);
        send("c");
        wait(60);

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void leavesAConnectionThatWasTakenOver() {
        send("G");
        HeadDeadline.remove(channel.pipeline());
        wait(60);

        assertThat(channel.isOpen()).isTrue();
    }
}
