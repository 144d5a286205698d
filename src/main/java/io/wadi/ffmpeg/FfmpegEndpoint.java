package io.wadi.ffmpeg;

import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.UnitEndpoint;

import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Make a test picture and tone or a slate with FFmpeg, or transcode a stream into the renditions of
 * a ladder.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ffmpeg",
        title = "FFmpeg",
        syntax = "ffmpeg:source",
        category = {Category.CORE})
public class FfmpegEndpoint extends UnitEndpoint {
    private static final String SLATE = "slate";

    @UriPath(
            description =
                    "As a source the picture: testsrc, testsrc2 (with a running clock), smptebars,"
                            + " or slate, which is a film or a picture over and over."
                            + " As a destination the stream's code, whose renditions go to"
                            + " ring:code/track_1 and so on.")
    @Metadata(required = true)
    private final String source;

    @UriParam(label = "consumer", defaultValue = "1280x720", description = "Width x height.")
    private String size = "1280x720";

    @UriParam(label = "consumer", defaultValue = "25", description = "Pictures a second.")
    private int rate = 25;

    @UriParam(
            label = "consumer",
            defaultValue = "1500k",
            description = "Bits a second of the H.264 video.")
    private String videoBitrate = "1500k";

    @UriParam(label = "consumer", defaultValue = "2", description = "Seconds between key pictures.")
    private int gop = 2;

    @UriParam(label = "consumer", defaultValue = "sine", description = "The sound.")
    private TestAudio audio = TestAudio.sine;

    @UriParam(label = "consumer", defaultValue = "440", description = "Hertz of the tone.")
    private int frequency = 440;

    @UriParam(
            label = "consumer",
            defaultValue = "128k",
            description = "Bits a second of the AAC audio.")
    private String audioBitrate = "128k";

    @UriParam(
            label = "consumer",
            description =
                    "Film or picture of a slate: png, jpg, webp, bmp, mp4, mov, mkv, webm, ts or flv"
                            + " in the component's folder of slates.")
    private String file;

    @UriParam(
            label = "consumer",
            description =
                    "Ring in whose format a slate is made: the size and rate of its pictures, its"
                            + " codecs and PIDs. Without it, or as long as nothing was seen there,"
                            + " H.264 of 1280x720 and 25 pictures a second, and AAC.")
    private String ring;

    @UriParam(
            label = "producer",
            description =
                    "What is made of the stream: the transcoder of a stream's document as JSON, or"
                            + " that in base64url.")
    private String ladder;

    public FfmpegEndpoint(String uri, FfmpegComponent component, String source) {
        super(uri, component);
        this.source = source;
    }

    @Override
    public FfmpegComponent getComponent() {
        return (FfmpegComponent) super.getComponent();
    }

    @Override
    public Producer createProducer() {
        if (ladder == null) {
            throw new IllegalArgumentException(
                    getEndpointUri() + " has no ladder=, expected what to make of the stream");
        }
        String json =
                ladder.startsWith("{")
                        ? ladder
                        : new String(Base64.getUrlDecoder().decode(ladder), StandardCharsets.UTF_8);
        return new TranscodeProducer(this, LadderReader.read(json));
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        Source made = source.equals(SLATE) ? this::slate : testSource();
        FfmpegConsumer consumer = new FfmpegConsumer(this, processor, made);
        configureConsumer(consumer);
        return consumer;
    }

    /** In the format that the ring has when the program starts. */
    private List<String> slate() throws IOException {
        if (file == null) {
            throw new IOException(getEndpointUri() + " has no file=");
        }
        Optional<RingEntry> entry =
                Optional.ofNullable(ring).flatMap(Rings.of(getCamelContext())::find);
        SlateFormat format =
                entry.map(found -> SlateFormat.of(found.program(), found.formats()))
                        .orElse(SlateFormat.DEFAULT);
        return getComponent().slate(file, format).arguments();
    }

    private TestSource testSource() {
        return TestSource.parse(
                pattern(), size, rate, videoBitrate, audio, frequency, audioBitrate, gop);
    }

    private TestPattern pattern() {
        return Arrays.stream(TestPattern.values())
                .filter(pattern -> pattern.name().equals(source))
                .findAny()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "ffmpeg:"
                                                + source
                                                + ", expected slate or one of "
                                                + Arrays.toString(TestPattern.values())));
    }

    public String getSource() {
        return source;
    }

    public String getFile() {
        return file;
    }

    public void setFile(String file) {
        this.file = file;
    }

    public String getRing() {
        return ring;
    }

    public void setRing(String ring) {
        this.ring = ring;
    }

    public String getLadder() {
        return ladder;
    }

    public void setLadder(String ladder) {
        this.ladder = ladder;
    }

    public String getSize() {
        return size;
    }

    public void setSize(String size) {
        this.size = size;
    }

    public int getRate() {
        return rate;
    }

    public void setRate(int rate) {
        this.rate = rate;
    }

    public String getVideoBitrate() {
        return videoBitrate;
    }

    public void setVideoBitrate(String videoBitrate) {
        this.videoBitrate = videoBitrate;
    }

    public int getGop() {
        return gop;
    }

    public void setGop(int gop) {
        this.gop = gop;
    }

    public TestAudio getAudio() {
        return audio;
    }

    public void setAudio(TestAudio audio) {
        this.audio = audio;
    }

    public int getFrequency() {
        return frequency;
    }

    public void setFrequency(int frequency) {
        this.frequency = frequency;
    }

    public String getAudioBitrate() {
        return audioBitrate;
    }

    public void setAudioBitrate(String audioBitrate) {
        this.audioBitrate = audioBitrate;
    }
}
