package kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A place to measure in: a folder that goes away afterwards, the C programs built, processes pinned
 * to a core. What was measured runs on core 0, everything that drives it on core 1. Ends only what
 * it started.
 */
final class Lab implements AutoCloseable {
    static final int MEASURED = 0;
    static final int DRIVER = 1;

    private static final double TICKS_PER_SECOND = 100;
    private static final int UTIME = 11;
    private static final int STIME = 12;

    final Path folder;
    private final List<Process> started = new ArrayList<>();

    Lab() throws IOException {
        folder = Files.createTempDirectory("wadi-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAll));
    }

    /** Builds a program of src/bench/c. */
    String program(String name) throws IOException, InterruptedException {
        Path built = folder.resolve(name);
        if (!Files.exists(built)) {
            run("gcc", "-O2", "-o", built.toString(), "src/bench/c/" + name + ".c");
        }
        return built.toString();
    }

    /** Starts a command on a core, its output in a file. */
    Process start(int core, Path log, List<String> command) throws IOException {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
        pinned.addAll(command);
        Process process =
                new ProcessBuilder(pinned)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        started.add(process);
        return process;
    }

    Process start(int core, Path log, String... command) throws IOException {
        return start(core, log, List.of(command));
    }

    /** Runs a command to its end; fails when it fails. */
    String run(String... command) throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "run", ".log");
        Process process = start(DRIVER, log, command);
        int exit = process.waitFor();
        String output = Files.readString(log);
        if (exit != 0) {
            throw new IOException(String.join(" ", command) + ": exit " + exit + "\n" + output);
        }
        return output;
    }

    /** Waits until a file holds a text. */
    static void await(Path log, String text) throws IOException, InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(log) || !Files.readString(log).contains(text)) {
            if (System.nanoTime() > limit) {
                throw new IOException("no \"" + text + "\" in " + Files.readString(log));
            }
            Thread.sleep(20);
        }
    }

    static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(15, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** CPU seconds, of all threads, user and system. */
    static double cpuSeconds(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) / TICKS_PER_SECOND;
    }

    /** CPU seconds that the just-in-time compilers of a Java process have taken. */
    static double compilerSeconds(Process process) throws IOException {
        double seconds = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                seconds += compilerSeconds(thread);
            }
        }
        return seconds;
    }

    private static double compilerSeconds(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean compiler = stat.contains("(C1 Compiler") || stat.contains("(C2 Compiler");
            long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
            return compiler ? ticks / TICKS_PER_SECOND : 0;
        } catch (IOException gone) {
            return 0;
        }
    }

    /** A line of /proc/PID/status or /proc/PID/io: its first number. */
    static long figure(Process process, String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/" + file))) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no " + name + " in /proc/PID/" + file);
    }

    static double residentMiB(Process process) throws IOException {
        return figure(process, "status", "VmRSS") / 1024.0;
    }

    private void stopAll() {
        started.forEach(Process::destroyForcibly);
    }

    @Override
    public void close() throws IOException {
        stopAll();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(
                            file -> {
                                try {
                                    Files.delete(file);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
        }
    }
}
