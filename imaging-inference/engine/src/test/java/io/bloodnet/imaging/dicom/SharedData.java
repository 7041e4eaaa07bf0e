package io.bloodnet.imaging.dicom;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Sample files that lie beside the repository; tests that want them are skipped where they are absent. */
public final class SharedData {

    private SharedData() {}

    /** The path under the shared folder, or an aborted test. */
    public static Path require(String relative) {
        String configured = System.getProperty("bloodnet.shared");
        Path shared = configured != null
                ? Path.of(configured)
                : Path.of(System.getProperty("bloodnet.root", "../..")).resolve("../shared");
        Path path = shared.resolve(relative);
        Assumptions.assumeTrue(Files.exists(path), "skipped: no shared/" + relative + ", set -Dbloodnet.shared");
        return path;
    }
}
