package io.wadi.ffmpeg;

import java.io.IOException;
import java.util.List;

/** Media that FFmpeg makes, as MPEG-TS or fragmented MP4 on its standard output, in real time. */
@FunctionalInterface
interface Source {
    /**
     * FFmpeg's arguments behind the program, asked for anew each time it starts.
     *
     * @throws IOException saying why it cannot start now
     */
    List<String> arguments() throws IOException;
}
