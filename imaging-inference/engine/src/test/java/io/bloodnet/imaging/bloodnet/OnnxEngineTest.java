package io.bloodnet.imaging.bloodnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine reports nothing to anybody: seen in a process of its own with an empty home, as on a machine that is no build server. */
class OnnxEngineTest {

    private static final int LIMIT_S = 120;

    @TempDir
    Path home;

    /** What the process runs. */
    public static final class Opens {
        public static void main(String[] args) throws Exception {
            try (var _ = EngineOptions.create()) {
                System.out.println(OnnxEngine.name());
            }
        }
    }

    private Process start(String classPath) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        Opens.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("said.txt").toFile());
        // The library also reports nothing where these say that it is under test.
        List.of("CI", "GITHUB_ACTIONS", "TF_BUILD", "ORT_RUNNING_UNIT_TESTS", OnnxEngine.TELEMETRY_OFF)
                .forEach(builder.environment()::remove);
        builder.environment().put("HOME", home.toString());
        builder.environment().put("XDG_CACHE_HOME", home.resolve("cache").toString());
        return builder.start();
    }

    @Test
    void nothing_about_this_machine_is_collected_and_a_long_command_line_harms_nothing() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String longer = classPath + (File.pathSeparator + home.resolve("x".repeat(200))).repeat(100);
        Process process = start(longer);
        try {
            assertThat(process.waitFor(LIMIT_S, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(home.resolve("said.txt"));
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said).startsWith("ONNX Runtime 1.");
        try (Stream<Path> files = Files.walk(home)) {
            assertThat(files.filter(Files::isRegularFile))
                    .as("no identifier, no store of events")
                    .containsExactly(home.resolve("said.txt"));
        }
    }
}
