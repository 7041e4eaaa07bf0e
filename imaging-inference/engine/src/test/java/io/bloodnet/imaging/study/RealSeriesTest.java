package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Offset.offset;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import io.bloodnet.imaging.folder.BadFolderException;
import io.bloodnet.imaging.folder.FolderStudy;
import io.bloodnet.imaging.geometry.Vector3;
import io.bloodnet.imaging.series.HeadGeometry;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.series.SliceHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders: real series where they are at hand (skipped otherwise), and made-up bad ones. */
class RealSeriesTest {

    private static final int THIN_PARTS = 8;

    private static BloodNet net;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 4));
    }

    @AfterAll
    static void close() {
        net.close();
    }

    private static Path shared(String relative) {
        String configured = System.getProperty("bloodnet.shared");
        Path shared = configured != null
                ? Path.of(configured)
                : Path.of(System.getProperty("bloodnet.root", "../..")).resolve("../shared");
        Path path = shared.resolve("data/dicom").resolve(relative);
        Assumptions.assumeTrue(Files.exists(path), "skipped: no " + relative + ", set -Dbloodnet.shared");
        return path;
    }

    private static AnalyzeFolder.Result analyze(Path folder) {
        return new AnalyzeFolder(net, PhantomFolders.LIMITS).analyze(folder);
    }

    private static HeadGeometry geometry(String name) {
        FolderStudy study = FolderStudy.scan(shared(name), DicomLimits.DEFAULT);
        return SeriesSelection.select(study.headers(study.listing()))
                .candidates()
                .getFirst()
                .geometry();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ct-ich-091", "ct-ich-094", "ct-ich-101"})
    void real_heads_are_analyzed_slice_by_slice(String name) {
        Path path = shared(name);
        Finding.Analyzed finding = (Finding.Analyzed) analyze(path).analysis().finding();

        assertThat(finding.slices()).hasSize(path.toFile().list().length);
        assertThat(finding.slices())
                .extracting(Finding.SliceFinding::sopInstanceUid)
                .doesNotHaveDuplicates();
    }

    /** As many de-identified studies are: eight slices of 0.625 mm in place of each of 5 mm, and no Frame of Reference. */
    @ParameterizedTest
    @ValueSource(strings = {"ct-ich-091", "ct-ich-094"})
    void real_heads_in_thin_slices_without_a_frame_of_reference_keep_their_volume(String name) throws IOException {
        Path path = shared(name);
        int written = 0;
        for (Path file : files(path)) {
            HuSlice thick = HuSlice.of(Files.readAllBytes(file), written);
            Vector3 at = SliceHeaders.of(thick.header()).plane().position();
            for (int part = 0; part < THIN_PARTS; part++) {
                double up = (part - (THIN_PARTS - 1) / 2.0) * 5 / THIN_PARTS;
                DicomObjectBuilder thin = thick.header().toBuilder()
                        .remove(Tag.FRAME_OF_REFERENCE_UID)
                        .string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.400." + ++written)
                        .decimal(Tag.SLICE_THICKNESS, Vr.DS, 5.0 / THIN_PARTS)
                        .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, at.x(), at.y(), at.z() + up);
                Files.write(folder.resolve(written + ".dcm"), thick.with(thin).plain());
            }
        }
        Finding.Analyzed thick = (Finding.Analyzed) analyze(path).analysis().finding();
        StudyAnalyzer.Analysis analysis = analyze(folder).analysis();
        Finding.Analyzed thin = (Finding.Analyzed) analysis.finding();

        assertThat(thin.flags()).contains(InputFlag.THIN_SLICES_AVERAGED);
        assertThat(thin.bloodVolumeMl()).isCloseTo(thick.bloodVolumeMl(), withPercentage(5));
        assertThat(analysis.facts().sourceSliceCount()).isEqualTo(written);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void tilt_and_uneven_gaps_of_a_real_gantry_are_measured() {
        HeadGeometry geometry = geometry("ge-head-ct");

        assertThat(geometry.tiltDegrees()).isCloseTo(18.5, offset(0.01));
        assertThat(geometry.slices()).hasSize(28);
        assertThat(geometry.flags()).containsExactly(InputFlag.UNEVEN_SPACING, InputFlag.GAP, InputFlag.TILTED);
        // 4.22, 1.14 and 7.38 mm along the table are these along the normal.
        double cosine = Math.cos(Math.toRadians(18.5));
        assertThat(geometry.slices().get(13).depthMm()).isCloseTo((4.22 + 1.14) / 2 * cosine, offset(0.001));
        assertThat(geometry.slices().get(14).depthMm()).isCloseTo((1.14 + 7.38) / 2 * cosine, offset(0.001));
        assertThat(geometry.slices().get(27).depthMm()).isCloseTo(7.38 * cosine, offset(0.001));
        assertThat(analyze(shared("ge-head-ct")).analysis().finding()).isInstanceOf(Finding.Analyzed.class);
    }

    @Test
    void the_soft_axial_series_of_the_phantom_is_chosen_and_plastic_is_no_head() {
        AnalyzeFolder.Result result = analyze(shared("philips-phantom"));
        String soft = FolderStudy.scan(shared("philips-phantom/S2010"), DicomLimits.DEFAULT)
                .listing()
                .series()
                .getFirst()
                .seriesUid();

        assertThat(result.analysis().finding().seriesUid()).isEqualTo(soft);
        assertThat(((Finding.NotAnalyzed) result.analysis().finding()).reason())
                .isEqualTo(NotAnalyzedReason.NOT_A_HEAD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"S1000", "S2030", "S4010"})
    void localizer_pieces_and_secondary_captures_are_refused_with_a_reason(String series) throws IOException {
        AnalyzeFolder.Result result = analyze(shared("philips-phantom/" + series));

        assertThat(result.analysis().finding()).isInstanceOf(Finding.NotAnalyzed.class);
        JsonNode json = json(result);
        assertThat(json.get("status").asText()).isEqualTo("not_analyzed");
        assertThat(json.get("reason").asText()).isNotBlank().doesNotContain("\n");
        assertThat(json.get("probability").isNull()).isTrue();
    }

    private static JsonNode json(AnalyzeFolder.Result result) throws IOException {
        return new ObjectMapper().readTree(new AnalyzeFolder(net, PhantomFolders.LIMITS).json(result));
    }

    private void write(List<byte[]> files) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            Files.write(folder.resolve("file-" + (100 - i)), files.get(i));
        }
    }

    @Test
    void json_has_every_key_in_its_order() throws IOException {
        write(Phantom.plain().files());
        Files.writeString(folder.resolve("notes.txt"), "no DICOM");
        JsonNode json = json(analyze(folder));

        List<String> names = new ArrayList<>();
        json.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .containsExactly(
                        "studyInstanceUid",
                        "seriesInstanceUid",
                        "status",
                        "reason",
                        "probability",
                        "bloodVolumeMl",
                        "threshold",
                        "slices",
                        "model",
                        "timing",
                        "flags",
                        "coverageMm",
                        "slicesLeftOut",
                        "slicesStored",
                        "storedThicknessMm",
                        "analyzedThicknessMm",
                        "alsoAnalyzed");
        assertThat(json.get("flags")).isEmpty();
        assertThat(json.get("coverageMm").asDouble()).isEqualTo(96.0);
        assertThat(json.get("status").asText()).isEqualTo("positive");
        assertThat(json.get("bloodVolumeMl").asDouble())
                .isCloseTo(Phantom.plain().bleedMl(), offset(1e-6));
        assertThat(json.get("slices").get(0).get("sopInstanceUid").asText()).isEqualTo(Phantom.sop(0));
        assertThat(json.get("timing").get("totalMs").asLong())
                .isGreaterThanOrEqualTo(json.get("timing").get("inferenceMs").asLong());
    }

    @Test
    void a_damaged_slice_makes_the_study_incomplete_and_never_negative() throws IOException {
        List<byte[]> files = new ArrayList<>(Phantom.plain().files());
        files.set(5, Arrays.copyOf(files.get(5), 200_000));
        write(files);

        Finding finding = analyze(folder).analysis().finding();
        assertThat(((Finding.NotAnalyzed) finding).reason()).isEqualTo(NotAnalyzedReason.INCOMPLETE);
        assertThat(finding.seriesUid()).isEqualTo(Phantom.SERIES);
    }

    @Test
    void a_damaged_slice_of_another_series_makes_only_that_one_incomplete() throws IOException {
        List<byte[]> files = new ArrayList<>(Phantom.plain().files());
        Phantom bone = Phantom.plain()
                .with(b -> b.string(Tag.SERIES_INSTANCE_UID, Vr.UI, "2.25.201")
                        .string(Tag.CONVOLUTION_KERNEL, Vr.SH, "H60s"));
        for (int slice = 0; slice < 12; slice++) {
            byte[] file = HuSlice.of(bone.file(slice), slice)
                    .with(HuSlice.of(bone.file(slice), slice).header().toBuilder()
                            .string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.302." + slice))
                    .plain();
            files.add(slice == 5 ? Arrays.copyOf(file, 200_000) : file);
        }
        write(files);

        Finding.Analyzed finding = (Finding.Analyzed) analyze(folder).analysis().finding();
        assertThat(finding.seriesUid()).isEqualTo(Phantom.SERIES);
        assertThat(finding.bloodVolumeMl()).isCloseTo(Phantom.plain().bleedMl(), offset(1e-6));

        // Of a series that holds nothing readable: said, and no more.
        Files.write(
                folder.resolve("lone"),
                Arrays.copyOf(
                        Phantom.plain()
                                .with(b -> b.string(Tag.SERIES_INSTANCE_UID, Vr.UI, "2.25.202"))
                                .file(0),
                        100_000));
        Finding.Analyzed again = (Finding.Analyzed) analyze(folder).analysis().finding();
        assertThat(again.flags()).contains(InputFlag.SERIES_LEFT_OUT);
    }

    @Test
    void slice_uids_with_leading_zeros_are_read_and_kept() throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (int slice = 0; slice < 12; slice++) {
            HuSlice plain = HuSlice.of(Phantom.plain().file(slice), slice);
            files.add(plain.with(plain.header().toBuilder().string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.300.00" + slice))
                    .plain());
        }
        write(files);

        Finding.Analyzed finding = (Finding.Analyzed) analyze(folder).analysis().finding();
        assertThat(finding.slices().getFirst().sopInstanceUid()).isEqualTo("2.25.300.000");
        assertThat(finding.bloodVolumeMl()).isCloseTo(Phantom.plain().bleedMl(), offset(1e-6));
    }

    @Test
    void slices_without_preamble_and_meta_information_are_read() throws IOException {
        List<byte[]> files = new ArrayList<>(Phantom.plain().files());
        for (int slice = 4; slice < 7; slice++) {
            files.set(slice, withoutHeader(files.get(slice)));
        }
        write(files);

        Finding.Analyzed finding = (Finding.Analyzed) analyze(folder).analysis().finding();
        assertThat(finding.slices()).hasSize(12);
        assertThat(finding.bloodVolumeMl()).isCloseTo(Phantom.plain().bleedMl(), offset(1e-6));
    }

    private static byte[] withoutHeader(byte[] part10) {
        // The data set begins with Specific Character Set (0008,0005).
        for (int at = 132; at < part10.length; at++) {
            if (part10[at] == 8 && part10[at + 1] == 0 && part10[at + 2] == 5 && part10[at + 3] == 0) {
                return Arrays.copyOfRange(part10, at, part10.length);
            }
        }
        throw new IllegalStateException("no data set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"IM000005", "slice5.dcm", "SLICE5.IMA"})
    void a_file_in_a_slices_place_that_cannot_be_read_makes_the_study_incomplete(String name) throws IOException {
        List<byte[]> files = new ArrayList<>(Phantom.plain().files());
        files.remove(5);
        write(files);
        byte[] encrypted = new byte[500_000];
        new Random(5).nextBytes(encrypted);
        Files.write(folder.resolve(name), encrypted);

        assertThat(((Finding.NotAnalyzed) analyze(folder).analysis().finding()).reason())
                .isEqualTo(NotAnalyzedReason.INCOMPLETE);
    }

    @Test
    void a_file_of_zeros_among_the_slices_makes_the_study_incomplete() throws IOException {
        write(Phantom.plain().files());
        Files.write(folder.resolve("empty.dcm"), new byte[0]);
        Files.write(folder.resolve("._beside.dcm"), new byte[] {0, 5, 22, 7});
        Files.write(folder.resolve("viewer.exe"), new byte[5_000]);
        assertThat(analyze(folder).analysis().finding()).isInstanceOf(Finding.Analyzed.class);

        Files.write(folder.resolve("lost.dcm"), new byte[5_000]);
        Finding.NotAnalyzed finding =
                (Finding.NotAnalyzed) analyze(folder).analysis().finding();
        assertThat(finding.reason()).isEqualTo(NotAnalyzedReason.INCOMPLETE);
    }

    @Test
    void a_broken_document_beside_the_head_refuses_itself_only() throws IOException {
        write(Phantom.plain().files());
        byte[] report = Phantom.plain()
                .with(b -> b.string(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.88.67")
                        .string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.700")
                        .string(Tag.SERIES_INSTANCE_UID, Vr.UI, "2.25.701"))
                .file(0);
        Files.write(folder.resolve("report.dcm"), Arrays.copyOf(report, 1_000));

        assertThat(analyze(folder).analysis().finding()).isInstanceOf(Finding.Analyzed.class);
    }

    @Test
    void links_to_folders_and_files_are_followed() throws IOException {
        Path kept = Files.createDirectories(folder.resolve("archive/series"));
        Files.write(kept.resolve("first.dcm"), Phantom.plain().file(0));
        Path elsewhere =
                Files.write(folder.resolve("second.dcm"), Phantom.plain().file(1));
        Files.createSymbolicLink(kept.resolve("second.dcm"), elsewhere);
        Files.createSymbolicLink(kept.resolve("broken.dcm"), folder.resolve("gone"));
        Path study = Files.createSymbolicLink(folder.resolve("study"), kept.getParent());

        FolderStudy found = FolderStudy.scan(study, DicomLimits.DEFAULT);
        assertThat(found.headers(found.listing()))
                .singleElement()
                .satisfies(series -> assertThat(series.slices()).hasSize(2));
    }

    @Test
    void a_link_that_leads_back_to_its_own_folder_is_refused() throws IOException {
        Files.createSymbolicLink(folder.resolve("again"), folder);
        assertBad(BadFolderException.Code.NOT_A_FOLDER, folder);
    }

    @Test
    void bad_folders_are_refused_with_one_clear_line() throws IOException {
        assertBad(BadFolderException.Code.NOT_A_FOLDER, folder.resolve("missing"));
        assertBad(BadFolderException.Code.NO_DICOM, folder);
        Files.writeString(folder.resolve("notes.txt"), "no DICOM");
        Files.write(folder.resolve("cut.dcm"), Arrays.copyOf(Phantom.plain().file(0), 300));
        assertBad(BadFolderException.Code.NO_DICOM, folder);

        write(Phantom.plain().slices(2).files());
        Path other = folder.resolve("other.dcm");
        Files.write(other, Phantom.plain().with(RealSeriesTest::otherPatient).file(7));
        assertBad(BadFolderException.Code.SEVERAL_PATIENTS, folder);
        Files.write(other, Phantom.plain().with(RealSeriesTest::otherStudy).file(7));
        assertBad(BadFolderException.Code.SEVERAL_STUDIES, folder);
    }

    private static DicomObjectBuilder otherPatient(DicomObjectBuilder b) {
        return b.string(Tag.PATIENT_ID, Vr.LO, "SYN-2");
    }

    private static DicomObjectBuilder otherStudy(DicomObjectBuilder b) {
        return b.string(Tag.STUDY_INSTANCE_UID, Vr.UI, "2.25.9");
    }

    private static void assertBad(BadFolderException.Code code, Path folder) {
        assertThatExceptionOfType(BadFolderException.class)
                .isThrownBy(() -> analyze(folder))
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
                });
    }
}
