package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Vector3;
import io.bloodnet.imaging.series.SliceHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The shipped network on real heads, where they are at hand, in pixels twice as wide: in a matrix of half the size, and in a field of view
 * twice as wide. Volume moves by at most 10 %, and no negative turns positive (docs/decisions/0201).
 */
class CoarsePixelsTest {

    private static final short AIR = -1000;

    private static BloodNet net;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        net = BloodNet.open(
                ModelBundle.load(root().resolve("imaging-inference/model")),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 4));
    }

    @AfterAll
    static void close() {
        net.close();
    }

    private static Path root() {
        return Path.of(System.getProperty("bloodnet.root", "../.."));
    }

    private static Path shared(String series) {
        String configured = System.getProperty("bloodnet.shared");
        Path path = (configured == null ? root().resolve("../shared") : Path.of(configured))
                .resolve("data/dicom/" + series);
        Assumptions.assumeTrue(Files.exists(path), "skipped: no " + series + ", set -Dbloodnet.shared");
        return path;
    }

    private static Finding.Analyzed analyzed(Path series) {
        return (Finding.Analyzed) new AnalyzeFolder(net, PhantomFolders.LIMITS)
                .analyze(series)
                .analysis()
                .finding();
    }

    @ParameterizedTest
    @CsvSource({
        "ct-ich-091, 256",
        "ct-ich-091, 512",
        "ct-ich-094, 512",
        "ct-ich-101, 256",
        "ge-head-ct, 256",
        "ge-head-ct, 512"
    })
    void pixels_twice_as_wide_change_neither_the_word_nor_the_volume(String series, int side) throws IOException {
        Path plain = shared(series);
        int written = 0;
        for (Path file : files(plain)) {
            HuSlice coarse = coarse(HuSlice.of(Files.readAllBytes(file), written), side);
            Files.write(folder.resolve(written++ + ".dcm"), coarse.plain());
        }
        Finding.Analyzed before = analyzed(plain);
        Finding.Analyzed after = analyzed(folder);

        assertThat(after.positive()).isEqualTo(before.positive());
        if (before.positive()) {
            assertThat(after.bloodVolumeMl()).isCloseTo(before.bloodVolumeMl(), withPercentage(10));
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /** Means of two by two pixels in the middle of {@code side} by {@code side}, air around them. */
    private static HuSlice coarse(HuSlice fine, int side) {
        int half = fine.columns() / 2;
        int margin = (side - half) / 2;
        short[] hu = new short[side * side];
        Arrays.fill(hu, AIR);
        for (int y = 0; y < half; y++) {
            for (int x = 0; x < half; x++) {
                int at = 2 * y * fine.columns() + 2 * x;
                int sum = fine.hu()[at]
                        + fine.hu()[at + 1]
                        + fine.hu()[at + fine.columns()]
                        + fine.hu()[at + fine.columns() + 1];
                hu[(y + margin) * side + x + margin] = (short) Math.floorDiv(sum, 4);
            }
        }
        Plane plane = SliceHeaders.of(fine.header()).plane();
        double first = 0.5 - 2.0 * margin; // in fine pixels
        Vector3 position = plane.position()
                .plus(plane.alongRow().times(first * plane.columnSpacingMm()))
                .plus(plane.alongColumn().times(first * plane.rowSpacingMm()));
        return new HuSlice(
                fine.header().toBuilder()
                        .integer(Tag.ROWS, Vr.US, side)
                        .integer(Tag.COLUMNS, Vr.US, side)
                        .decimal(Tag.PIXEL_SPACING, Vr.DS, 2 * plane.rowSpacingMm(), 2 * plane.columnSpacingMm())
                        .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, position.x(), position.y(), position.z())
                        .build(),
                hu,
                fine.index());
    }
}
