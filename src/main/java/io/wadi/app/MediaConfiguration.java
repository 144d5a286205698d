package io.wadi.app;

import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.ring.Rings;

import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the components of the media plane their settings. */
@Configuration(proxyBeanMethods = false)
class MediaConfiguration {
    @Bean
    CamelContextConfiguration rings(WadiProperties properties) {
        return new CamelContextConfiguration() {
            @Override
            public void beforeApplicationStart(CamelContext context) {
                Folders.requireWritable("wadi.data.dir", properties.data().dir());
                Rings.of(context).setCapacityPackets(properties.buffer().capacity());
            }

            @Override
            public void afterApplicationStart(CamelContext context) {}
        };
    }

    @Bean("ffmpeg-component")
    FfmpegComponent ffmpegComponent(WadiProperties properties) {
        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(properties.transcoder().ffmpegPath());
        component.setProgramDir(properties.data().dir().resolve("bin").toString());
        return component;
    }

    @Bean
    ReadinessCheck dataDirReady(WadiProperties properties) {
        return ReadinessCheck.of(
                "data",
                () -> Folders.isWritable(properties.data().dir()),
                "the folder of wadi.data.dir cannot be written");
    }
}
