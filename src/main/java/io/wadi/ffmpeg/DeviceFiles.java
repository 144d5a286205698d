package io.wadi.ffmpeg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Finds graphics cards by what the kernel shows of them in {@code /dev}. */
final class DeviceFiles implements Devices.Probe {
    private static final Pattern NVIDIA = Pattern.compile("nvidia(\\d{1,3})");
    private static final Pattern RENDER = Pattern.compile("renderD(\\d{3})");

    /** Minor numbers of render nodes (Documentation/gpu/drm-uapi.rst, "Render nodes"). */
    private static final int FIRST_RENDER_NODE = 128;

    private final Path dev;
    private final Optional<String> visible;

    /**
     * @param dev {@code /dev}
     * @param visible CUDA_VISIBLE_DEVICES, empty where it is not set
     */
    DeviceFiles(Path dev, Optional<String> visible) {
        this.dev = dev;
        this.visible = visible;
    }

    static DeviceFiles ofThisMachine() {
        return new DeviceFiles(
                Path.of("/dev"), Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")));
    }

    @Override
    public List<Integer> devices(Devices.Kind kind) {
        return switch (kind) {
            // CUDA counts what it sees from 0 on, whatever the files are called.
            case CUDA -> IntStream.range(0, cudaDevices()).boxed().toList();
            case RENDER_NODE ->
                    numbers(dev.resolve("dri"), RENDER).stream()
                            .map(minor -> minor - FIRST_RENDER_NODE)
                            .filter(number -> number >= 0)
                            .toList();
        };
    }

    /** What stands behind an index that is none does not count (CUDA programming guide). */
    private int cudaDevices() {
        int there = numbers(dev, NVIDIA).size();
        if (visible.isEmpty()) {
            return there;
        }
        int listed = 0;
        for (String entry : visible.get().split(",", -1)) {
            String device = entry.strip();
            boolean index = device.matches("\\d{1,3}") && Integer.parseInt(device) < there;
            if (!index && !device.matches("(GPU|MIG)-.+")) {
                break;
            }
            listed++;
        }
        return Math.min(listed, there);
    }

    private static List<Integer> numbers(Path folder, Pattern name) {
        List<Integer> numbers = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> name.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .forEach(match -> numbers.add(Integer.parseInt(match.group(1))));
        } catch (IOException notThere) {
            return List.of();
        }
        return numbers;
    }
}
