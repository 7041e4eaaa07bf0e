package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicomweb.FakeArchive;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import io.bloodnet.imaging.geometry.Vector3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A finding does not depend on how a series is stored: same digest, probability and volume, and the mask on the same voxels. */
class ReencodingTest {

    private static BloodNet net;
    private static List<HuSlice> phantom;
    private static Finding.Analyzed plain;

    @TempDir
    static Path folders;

    @BeforeAll
    static void open() throws IOException {
        net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 4));
        phantom = slices(new Phantom(9, 512, 0.45, 12, 3, 6, 40, true, b -> b).files());
        plain = analyzed(write("plain", phantom, HuSlice::plain));
    }

    @AfterAll
    static void close() {
        net.close();
    }

    private static List<HuSlice> slices(List<byte[]> files) {
        List<HuSlice> slices = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            slices.add(HuSlice.of(files.get(i), i));
        }
        return slices;
    }

    private static Path write(String name, List<HuSlice> slices, Reencodings.Form form) throws IOException {
        Path folder = Files.createDirectories(folders.resolve(name.replaceAll("[^a-z0-9]+", "-")));
        for (HuSlice slice : slices) {
            Files.write(folder.resolve("%03d".formatted(slice.index())), form.file(slice));
        }
        return folder;
    }

    private static StudyAnalyzer.Analysis analyze(Path folder) {
        return new AnalyzeFolder(net, BloodNetAnalyzer.Limits.DEFAULT)
                .analyze(folder)
                .analysis();
    }

    private static Finding.Analyzed analyzed(Path folder) {
        Finding finding = analyze(folder).finding();
        assertThat(finding).isInstanceOf(Finding.Analyzed.class);
        return (Finding.Analyzed) finding;
    }

    static Stream<String> forms() {
        return Reencodings.all().keySet().stream();
    }

    @Test
    void there_are_at_least_40_forms() {
        assertThat(Reencodings.all()).hasSizeGreaterThanOrEqualTo(40);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void the_finding_is_the_same_in_every_form(String form) throws IOException {
        Path folder = write(form, phantom, Reencodings.all().get(form));
        StudyAnalyzer.Analysis analysis = analyze(folder);

        assertSame((Finding.Analyzed) analysis.finding(), plain);
        assertMaskOnBlood(analysis, folder);
    }

    private static void assertSame(Finding.Analyzed actual, Finding.Analyzed expected) {
        assertThat(actual.inputDigest()).isEqualTo(expected.inputDigest());
        assertThat(actual.probability()).isCloseTo(expected.probability(), offset(1e-6));
        assertThat(actual.bloodVolumeMl()).isCloseTo(expected.bloodVolumeMl(), offset(1e-3));
        assertThat(actual.slices())
                .extracting(Finding.SliceFinding::sopInstanceUid)
                .isEqualTo(expected.slices().stream()
                        .map(Finding.SliceFinding::sopInstanceUid)
                        .toList());
    }

    /** The test network's mask is what has 60 to 100 HU; so the SEG must be, on the slices as they are stored. */
    private static void assertMaskOnBlood(StudyAnalyzer.Analysis analysis, Path folder) throws IOException {
        Map<String, HuSlice> stored = new HashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                HuSlice slice = HuSlice.of(Files.readAllBytes(file), 0);
                stored.put(slice.header().requiredUid(Tag.SOP_INSTANCE_UID), slice);
            }
        }
        DicomObject seg = FakeArchive.dataSet(analysis.mask().toSeg("2.25.7", "2.25.8", Instant.EPOCH));
        List<DicomObject> frames = seg.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assertThat(frames).hasSize(3);
        Bytes bits = seg.bytes(Tag.PIXEL_DATA).orElseThrow();
        int voxel = 0;
        for (DicomObject frame : frames) {
            DicomObject source = frame.sequence(Tag.DERIVATION_IMAGE_SEQUENCE)
                    .getFirst()
                    .sequence(Tag.SOURCE_IMAGE_SEQUENCE)
                    .getFirst();
            HuSlice slice = stored.get(source.requiredUid(Tag.REFERENCED_SOP_INSTANCE_UID));
            assertThat(frame.sequence(Tag.PLANE_POSITION_SEQUENCE)
                            .getFirst()
                            .requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3))
                    .isEqualTo(slice.header().requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3));
            int wrong = 0;
            for (short hu : slice.hu()) {
                boolean set = (bits.at(voxel >> 3) >> (voxel & 7) & 1) != 0;
                wrong += set == (hu >= 60 && hu <= 100) ? 0 : 1;
                voxel++;
            }
            assertThat(wrong).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 0 0 0 0 -1",
                "1 0 0 0 0 1",
                "-1 0 0 0 0 -1",
                "-1 0 0 0 0 1",
                "0 1 0 0 0 -1",
                "0 1 0 0 0 1",
                "0 -1 0 0 0 -1",
                "0 -1 0 0 0 1",
                "0 0 1 1 0 0",
                "0 0 -1 1 0 0",
                "0 0 1 -1 0 0",
                "0 0 -1 -1 0 0",
                "0 0 1 0 1 0",
                "0 0 1 0 -1 0",
                "0 0 -1 0 1 0",
                "0 0 -1 0 -1 0",
                "0.75 0.66 0 -0.66 0.75 0",
                "1 0 0 0 0.82 0.57"
            })
    void slices_that_are_cut_otherwise_than_axially_are_refused(String orientation) throws IOException {
        double[] values = Stream.of(orientation.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        Vector3 row = Vector3.of(values, 0);
        Vector3 column = Vector3.of(values, 3);
        row = row.times(1 / row.length());
        column = column.times(1 / column.length());
        Vector3 normal = row.cross(column);
        List<HuSlice> other = new ArrayList<>();
        for (HuSlice slice : phantom) {
            other.add(slice.with(slice.placed(normal.times(12 * slice.index()), row, column)));
        }
        Finding finding =
                analyze(write("cut " + orientation, other, HuSlice::plain)).finding();

        assertThat(finding).isInstanceOf(Finding.NotAnalyzed.class);
        assertThat(((Finding.NotAnalyzed) finding).reason()).isEqualTo(NotAnalyzedReason.NO_AXIAL_SERIES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ct-ich-091", "ct-ich-094", "ct-ich-101", "ge-head-ct"})
    void real_series_give_the_same_finding_in_every_form(String name) throws IOException {
        List<HuSlice> real = slices(realFiles(name));
        Finding.Analyzed expected = analyzed(write(name, real, HuSlice::plain));
        for (Map.Entry<String, Reencodings.Form> form : Reencodings.all().entrySet()) {
            if (Boolean.getBoolean("bloodnet.long") || form.getKey().contains("rows")) {
                Path folder = write(name, real, form.getValue());
                assertSame(analyzed(folder), expected);
            }
        }
    }

    private static List<byte[]> realFiles(String name) throws IOException {
        String shared = System.getProperty("bloodnet.shared");
        Assumptions.assumeTrue(shared != null, "skipped: no real series, set -Dbloodnet.shared");
        try (Stream<Path> files = Files.list(Path.of(shared, "data/dicom", name))) {
            List<byte[]> read = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                read.add(Files.readAllBytes(file));
            }
            return read;
        }
    }
}
