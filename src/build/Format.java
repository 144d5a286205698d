import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs google-java-format over the hand-written sources: {@code Format <jar> check|write}. */
class Format {
    private static final List<String> ROOTS =
            List.of("src/main/java", "src/test/java", "src/bench", "src/build");
    private static final List<String> COMPILER_PACKAGES =
            List.of("api", "code", "file", "parser", "tree", "util");

    public static void main(String[] args) throws IOException, InterruptedException {
        boolean check = args[1].equals("check");
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        for (String name : COMPILER_PACKAGES) {
            command.add("--add-exports=jdk.compiler/com.sun.tools.javac." + name + "=ALL-UNNAMED");
        }
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-jar", args[0], "--aosp"));
        // Reflowing strings is not idempotent.
        command.add("--skip-reflowing-long-strings");
        command.addAll(
                check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
        int options = command.size();
        for (String root : ROOTS) {
            if (Files.isDirectory(Path.of(root))) {
                try (Stream<Path> files = Files.walk(Path.of(root))) {
                    files.map(Path::toString)
                            .filter(name -> name.endsWith(".java"))
                            .sorted()
                            .forEach(command::add);
                }
            }
        }
        if (command.size() == options) {
            return;
        }
        int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (exit != 0) {
            System.err.println(
                    check
                            ? "The files above are not formatted. Run: mvn -Dformat process-sources"
                            : "google-java-format failed, see above.");
            System.exit(1);
        }
    }
}
