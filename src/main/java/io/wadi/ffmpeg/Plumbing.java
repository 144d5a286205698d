package io.wadi.ffmpeg;

import java.nio.file.Path;

/**
 * The sockets that tie a process to the server: Unix sockets in a folder that only this user can
 * enter, because Java can hand a child three descriptors and no more, and a ladder needs one for
 * each rung. Named pipes would need a program to make them and block who opens them first; a port
 * on the loopback is open to every user of the machine; one TS with a program a rung would let a
 * slow rung hold up the others in the multiplexer. A closed socket also ends a process by itself,
 * whichever way the server died.
 */
record Plumbing(Path folder) {
    Path input() {
        return folder.resolve("in");
    }

    Path output(Rung rung) {
        return folder.resolve(Integer.toString(rung.track()));
    }

    Path still() {
        return folder.resolve(FilterGraph.STILL);
    }
}
