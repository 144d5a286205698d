package io.wadi.app;

import io.wadi.rtmp.RtmpComponent;

import org.springframework.context.ConfigurableApplicationContext;

import java.nio.file.Path;
import java.util.List;

/** The whole server in this JVM, on free ports. */
final class TestServer extends RunningServer {
    private final ConfigurableApplicationContext context;

    /**
     * @param folder where the server keeps what it keeps
     * @param settings further settings, such as {@code --wadi.buffer.capacity=100}
     */
    TestServer(Path folder, String... settings) {
        List<String> arguments = settings(folder, 0, 0);
        arguments.addAll(List.of(settings));
        context = Wadi.start(arguments.toArray(String[]::new));
    }

    @Override
    int httpPort() {
        return context.getBean(HttpListener.class).getPort();
    }

    @Override
    int rtmpPort() {
        return context.getBean(RtmpComponent.class).boundAddress().getPort();
    }

    @Override
    public void close() {
        super.close();
        context.close();
    }
}
