package io.wadi.ffmpeg;

import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

import java.nio.file.Path;
import java.util.Map;

/** {@code ffmpeg:}: FFmpeg as a child process. */
@Component("ffmpeg")
public class FfmpegComponent extends DefaultComponent {
    @Metadata(
            description =
                    "The FFmpeg to run, as a path or a name on the PATH. Without it the one on the"
                            + " PATH is taken, or else the one that comes with Wadi.")
    private String ffmpegPath = "";

    @Metadata(
            defaultValue = "data/bin",
            description = "Folder that the FFmpeg that comes with Wadi is unpacked into.")
    private String programDir = "data/bin";

    private FfmpegBinary binary;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        FfmpegEndpoint endpoint = new FfmpegEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /** The program that all endpoints run. */
    synchronized FfmpegBinary binary() {
        if (binary == null) {
            binary = new FfmpegBinary(ffmpegPath, Path.of(programDir));
        }
        return binary;
    }

    public String getFfmpegPath() {
        return ffmpegPath;
    }

    public void setFfmpegPath(String ffmpegPath) {
        this.ffmpegPath = ffmpegPath;
    }

    public String getProgramDir() {
        return programDir;
    }

    public void setProgramDir(String programDir) {
        this.programDir = programDir;
    }
}
