package kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Puts a table into docs/BENCHMARKS.md, between two comments with its name. */
final class Report {
    private static final Path FILE = Path.of("docs/BENCHMARKS.md");

    private Report() {}

    static void write(String name, String markdown) throws IOException {
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- end of " + name + " -->\n";
        String text = Files.readString(FILE);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(FILE + " has no place for " + name);
        }
        String head = text.substring(0, from + begin.length());
        Files.writeString(FILE, head + "\n" + markdown.strip() + "\n\n" + text.substring(to));
        System.out.println(markdown);
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
