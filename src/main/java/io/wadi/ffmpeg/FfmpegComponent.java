package io.wadi.ffmpeg;

import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code ffmpeg:}: FFmpeg as a child process. */
@Component("ffmpeg")
public class FfmpegComponent extends DefaultComponent {
    private static final Logger LOG = LoggerFactory.getLogger(FfmpegComponent.class);

    @Metadata(
            description =
                    "The FFmpeg to run, as a path or a name on the PATH. Without it the one on the"
                            + " PATH is taken, or else the one that comes with Wadi.")
    private String ffmpegPath = "";

    @Metadata(
            defaultValue = "data/bin",
            description = "Folder that the FFmpeg that comes with Wadi is unpacked into.")
    private String programDir = "data/bin";

    @Metadata(
            defaultValue = "data/run",
            description =
                    "Folder for notes about running processes, by which leftovers of a killed"
                            + " server are found.")
    private String runDir = "data/run";

    @Metadata(
            defaultValue = "data/thumbnails",
            description =
                    "Folder that the output_dir of a thumbnail is below, unless it is absolute.")
    private String stillDir = "data/thumbnails";

    @Metadata(
            defaultValue = "4",
            description = "Transcoding processes that may run at the same time; more wait.")
    private volatile int maxWorkers = 4;

    @Metadata(
            defaultValue = "5",
            description = "Failed restarts in a row after which a process is given up; 0: never.")
    private volatile int maxRestarts = 5;

    @Metadata(
            defaultValue = "slates",
            description = "Folder of the films and pictures that may be slates.")
    private String slateDir = "slates";

    @Metadata(
            defaultValue = "watermarks",
            description = "Folder of the pictures that watermarks name by asset_id.")
    private String watermarkDir = "watermarks";

    private FfmpegBinary binary;
    private Watermarks watermarks;
    private Workers workers;
    private Children children;
    private Devices devices;

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        children().sweep();
    }

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

    /**
     * Runs another program for whatever is started from now on; what runs goes on.
     *
     * @param path as {@code ffmpegPath}
     */
    public synchronized void useProgram(String path) {
        ffmpegPath = path;
        binary().use(path);
    }

    synchronized Workers workers() {
        if (workers == null) {
            workers = new Workers(maxWorkers);
        }
        return workers;
    }

    synchronized Devices devices() {
        if (devices == null) {
            devices = new Devices(DeviceFiles.ofThisMachine());
        }
        return devices;
    }

    /** The graphics cards and what runs there. */
    public List<Card> cards() {
        List<Card> cards = new ArrayList<>();
        for (HardwareFamily family : HardwareFamily.values()) {
            for (Devices.Load load : devices().loads()) {
                if (Devices.kindOf(family).contains(load.kind())) {
                    cards.add(
                            new Card(
                                    family.word(),
                                    load.device(),
                                    load.encoders(),
                                    load.pixelsPerSecond()));
                }
            }
        }
        return cards;
    }

    /**
     * A graphics card; one that several families can use stands there for each.
     *
     * @param encoders rungs that are encoded there now, by whichever family
     */
    public record Card(String hw, int device, int encoders, long pixelsPerSecond) {}

    /**
     * Changes how many transcoding processes may run at the same time. More: who waits starts at
     * once. Fewer: none is ended, and none starts until that many are left.
     *
     * @return the processes that run above the limit
     */
    public synchronized int useWorkers(int limit) {
        maxWorkers = limit;
        workers().setLimit(limit);
        return Math.max(0, workers().busy() - limit);
    }

    synchronized Children children() {
        if (children == null) {
            children = new Children(Path.of(runDir));
        }
        return children;
    }

    /** The pictures that watermarks may show. */
    public synchronized Watermarks watermarks() {
        if (watermarks == null) {
            watermarks = new Watermarks(Path.of(watermarkDir), this::decodes, Clock.systemUTC());
        }
        return watermarks;
    }

    /** Where there is no FFmpeg yet, only what the file says of itself counts. */
    private boolean decodes(List<String> input) throws IOException {
        Path program;
        try {
            program = binary().find();
        } catch (IOException noProgram) {
            LOG.warn("A picture is not held against FFmpeg: {}", noProgram.getMessage());
            return true;
        }
        return FfmpegProber.decodes(program, input, "0:v:0");
    }

    /**
     * What the FFmpeg at hand can do.
     *
     * @throws IOException when there is none, or it is no FFmpeg
     */
    public FfmpegBuild probe() throws IOException {
        return binary().build();
    }

    /**
     * Whether a ladder can be made: its document is right, and this FFmpeg has the encoders. Where
     * there is no FFmpeg yet, only the document counts.
     *
     * @param json the {@code transcoder} of a stream's document
     * @throws IllegalArgumentException saying what is wrong
     */
    public void checkLadder(String json) {
        Ladder ladder = LadderReader.read(json);
        ladder.thumbnail()
                .filter(still -> !still.folder().isEmpty())
                .ifPresent(still -> StillFile.folder(Path.of(stillDir), still.folder()));
        ladder.watermark().ifPresent(this::checkMark);
        FfmpegBuild build;
        try {
            build = probe();
        } catch (IOException noProgram) {
            LOG.warn("A ladder is not held against FFmpeg: {}", noProgram.getMessage());
            return;
        }
        for (Rung rung : ladder.rungs()) {
            if (!rung.copy()) {
                Encoder.of(rung, ladder.hardware(), false, build);
            }
        }
        if (ladder.isStillsOnly()) {
            return;
        }
        String audio = ladder.audio().codec().encoder();
        if (!ladder.audio().copy() && !build.encoders().contains(audio)) {
            throw new IllegalArgumentException(
                    "this FFmpeg (" + build.version() + ") has no encoder " + audio);
        }
    }

    private void checkMark(Watermark mark) {
        try {
            watermarks().ready(mark);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Whether a file can be a slate: it is in the folder of slates, and FFmpeg sees a picture in
     * it. Where there is no FFmpeg yet, only the file counts.
     *
     * @throws IllegalArgumentException saying what is wrong
     */
    public void checkSlate(String name) {
        try {
            SlateFile file = SlateFile.of(Path.of(slateDir), name);
            Path program;
            try {
                program = binary().find();
            } catch (IOException noProgram) {
                LOG.warn("A slate is not held against FFmpeg: {}", noProgram.getMessage());
                return;
            }
            if (!FfmpegProber.decodes(program, file.input(), "0:v:0")) {
                throw new IOException(name + " has no picture that FFmpeg can decode");
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * A slate as it can be made now.
     *
     * @throws IOException saying why it cannot
     */
    SlateSource slate(String name, SlateFormat format) throws IOException {
        SlateFile file = SlateFile.of(Path.of(slateDir), name);
        boolean sound =
                file.kind() != SlateFile.Kind.PICTURE
                        && FfmpegProber.decodes(binary().find(), file.input(), "0:a:0");
        return new SlateSource(file, sound, format, probe().encoders());
    }

    /**
     * What another FFmpeg can do.
     *
     * @param path a path or a program's name; empty for the one that is configured
     * @throws IOException when there is none, or it is no FFmpeg
     */
    public FfmpegBuild probe(String path) throws IOException {
        return path.isEmpty() ? probe() : new FfmpegBinary(path, Path.of(programDir)).build();
    }

    /**
     * The hardware that the FFmpeg at hand was built for, {@code none} for the processor: what a
     * document may name as {@code hw}. Whether the machine has it shows when an encoder starts.
     */
    public List<String> hwAccels() {
        try {
            return FfmpegProber.families(probe());
        } catch (IOException noProgram) {
            return List.of();
        }
    }

    public String getSlateDir() {
        return slateDir;
    }

    public void setSlateDir(String slateDir) {
        this.slateDir = slateDir;
    }

    public String getWatermarkDir() {
        return watermarkDir;
    }

    public void setWatermarkDir(String watermarkDir) {
        this.watermarkDir = watermarkDir;
    }

    public String getRunDir() {
        return runDir;
    }

    public void setRunDir(String runDir) {
        this.runDir = runDir;
    }

    public String getStillDir() {
        return stillDir;
    }

    public void setStillDir(String stillDir) {
        this.stillDir = stillDir;
    }

    public int getMaxWorkers() {
        return maxWorkers;
    }

    public void setMaxWorkers(int maxWorkers) {
        this.maxWorkers = maxWorkers;
    }

    public int getMaxRestarts() {
        return maxRestarts;
    }

    public void setMaxRestarts(int maxRestarts) {
        this.maxRestarts = maxRestarts;
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
