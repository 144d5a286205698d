package io.wadi.app;

import io.wadi.dash.DashComponent;
import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.hls.HlsComponent;
import io.wadi.rtmp.RtmpComponent;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives the components of the media plane their settings. */
@Configuration(proxyBeanMethods = false)
class MediaConfiguration {
    @Bean("rtmp-component")
    RtmpComponent rtmpComponent(WadiProperties properties) {
        var settings = properties.listeners().rtmp();
        RtmpComponent component = new RtmpComponent();
        component.setEnabled(settings.enabled());
        component.setListenHost(settings.listenHost());
        component.setPort(settings.port());
        component.setReceiveLatency(settings.receiveLatency().toMillis());
        component.setIdleTimeout(properties.manager().inputPacketTimeout().toMillis());
        return component;
    }

    @Bean("ffmpeg-component")
    FfmpegComponent ffmpegComponent(WadiProperties properties) {
        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(properties.transcoder().ffmpegPath());
        component.setProgramDir(properties.data().dir().resolve("bin").toString());
        component.setStillDir(properties.data().dir().resolve("thumbnails").toString());
        component.setRunDir(properties.data().dir().resolve("run").toString());
        component.setSlateDir(properties.slates().dir().toString());
        component.setWatermarkDir(properties.watermarks().dir().toString());
        component.setMaxWorkers(properties.transcoder().maxWorkers());
        component.setMaxRestarts(properties.transcoder().maxRestarts());
        return component;
    }

    /** Media sequence numbers go on after a restart. */
    @Bean("hls-component")
    HlsComponent hlsComponent(WadiProperties properties) {
        HlsComponent component = new HlsComponent();
        component.setStateDir(properties.data().dir().resolve("hls").toString());
        return component;
    }

    /** The same for the segments of DASH, whose names players and caches remember. */
    @Bean("dash-component")
    DashComponent dashComponent(WadiProperties properties) {
        DashComponent component = new DashComponent();
        component.setStateDir(properties.data().dir().resolve("dash").toString());
        return component;
    }

    @Bean
    ReadinessCheck rtmpReady(RtmpComponent rtmp) {
        return ReadinessCheck.of(
                "rtmp", () -> !rtmp.isEnabled() || rtmp.isStarted(), "the RTMP port is not open");
    }

    @Bean
    ReadinessCheck dataDirReady(WadiProperties properties) {
        return ReadinessCheck.of(
                "data",
                () -> Folders.isWritable(properties.data().dir()),
                "the folder of wadi.data.dir cannot be written");
    }
}
