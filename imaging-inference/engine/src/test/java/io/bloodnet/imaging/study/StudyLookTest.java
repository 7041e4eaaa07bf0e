package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.ImageNotes;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import io.bloodnet.imaging.folder.FolderStudy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Studies of several series: which stacks are analyzed, and what is said of them. */
class StudyLookTest {

    private static final String FIRST = "2.25.200.1";
    private static final String SECOND = "2.25.200.2";

    private static BloodNet net;

    @TempDir
    Path folder;

    private int files;

    @BeforeAll
    static void open() {
        net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 2));
    }

    @AfterAll
    static void close() {
        net.close();
    }

    /** 20 slices of 5 mm, blood in three of them. */
    private static Phantom head(int bleedSide) {
        return new Phantom(20, 512, 0.45, 5, 4, 7, bleedSide, true, b -> b);
    }

    private void write(String series, Phantom phantom, UnaryOperator<DicomObjectBuilder> change) throws IOException {
        for (int slice = 0; slice < phantom.slices(); slice++) {
            String sop = "2.25.300." + ++files;
            Phantom one = phantom.with(b -> change.apply(phantom.change().apply(b))
                    .string(Tag.SERIES_INSTANCE_UID, Vr.UI, series)
                    .string(Tag.SOP_INSTANCE_UID, Vr.UI, sop));
            Files.write(folder.resolve(files + ".dcm"), one.file(slice));
        }
    }

    private Finding find(BloodNetAnalyzer.Limits limits) {
        return new AnalyzeFolder(net, limits).analyze(folder).analysis().finding();
    }

    private Finding.Analyzed analyzed() {
        Finding finding = find(BloodNetAnalyzer.Limits.DEFAULT);
        assertThat(finding).as(finding.toString()).isInstanceOf(Finding.Analyzed.class);
        return (Finding.Analyzed) finding;
    }

    private Finding.NotAnalyzed notAnalyzed() {
        return (Finding.NotAnalyzed) find(BloodNetAnalyzer.Limits.DEFAULT);
    }

    private Optional<String> inputNow(Finding.Analyzed finding) {
        FolderStudy study = FolderStudy.scan(folder, DicomLimits.DEFAULT);
        try (var analyzer = new BloodNetAnalyzer(study, net, BloodNetAnalyzer.Limits.DEFAULT, ZoneOffset.UTC)) {
            return analyzer.inputNow(study.listing(), finding);
        }
    }

    private static UnaryOperator<DicomObjectBuilder> at(String time, int acquisition) {
        return b -> b.string(Tag.ACQUISITION_DATE, Vr.DA, "20260102")
                .string(Tag.ACQUISITION_TIME, Vr.TM, time)
                .integer(Tag.ACQUISITION_NUMBER, Vr.IS, acquisition);
    }

    @ParameterizedTest
    @ValueSource(strings = {FIRST, "2.25.200.3"})
    void a_long_series_of_another_body_part_beside_the_head_changes_nothing(String other) throws IOException {
        write(SECOND, head(40), b -> b);
        write(other, new Phantom(80, 512, 0.45, 5, 0, 0, 0, false, b -> b), b -> b);

        Finding.Analyzed finding = analyzed();

        assertThat(finding.seriesUid()).isEqualTo(SECOND);
        assertThat(finding.positive()).isTrue();
        assertThat(finding.slices()).hasSize(20);
        assertThat(finding.alsoAnalyzed()).isEmpty();
    }

    @Test
    void a_study_without_a_head_says_so_whatever_it_has() throws IOException {
        write(FIRST, head(40).noHead(), b -> b);
        write(SECOND, new Phantom(80, 512, 0.45, 5, 0, 0, 0, false, b -> b), b -> b);

        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.NOT_A_HEAD);
    }

    @Test
    void heads_of_two_times_are_both_analyzed_and_the_more_suspicious_one_is_told() throws IOException {
        write(FIRST, head(0), at("080000", 1));
        write(SECOND, head(40), at("140000", 1));

        Finding.Analyzed finding = analyzed();

        assertThat(finding.seriesUid()).isEqualTo(SECOND);
        assertThat(finding.positive()).isTrue();
        assertThat(finding.flags()).contains(InputFlag.SEVERAL_STACKS);
        assertThat(finding.alsoAnalyzed())
                .singleElement()
                .satisfies(other -> assertThat(other.seriesUid()).isEqualTo(FIRST))
                .satisfies(other -> assertThat(other.probability()).isLessThan(0.5));
        assertThat(ImageNotes.of(finding, StudyFacts.unknown()))
                .contains("told is series " + SECOND)
                .anyMatch(note -> note.startsWith("also analyzed are 20 slices of series " + FIRST));
    }

    @Test
    void another_reconstruction_of_the_same_scan_is_not_analyzed_again() throws IOException {
        write(FIRST, head(40), at("080000", 1).andThen(StudyLookTest::bone)::apply);
        write(SECOND, head(0), at("080001", 1));

        Finding.Analyzed finding = analyzed();

        assertThat(finding.seriesUid()).isEqualTo(SECOND);
        assertThat(finding.positive()).isFalse();
        assertThat(finding.alsoAnalyzed()).isEmpty();
    }

    private static DicomObjectBuilder bone(DicomObjectBuilder b) {
        return b.string(Tag.CONVOLUTION_KERNEL, Vr.SH, "BONEPLUS");
    }

    @Test
    void soft_and_bone_in_one_series_are_never_mixed() throws IOException {
        write(FIRST, head(80), StudyLookTest::bone);
        write(FIRST, head(40), b -> b);

        assertThat(analyzed().bloodVolumeMl()).isCloseTo(4.86, offset(1e-6));
        assertThat(analyzed().flags()).doesNotContain(InputFlag.DUPLICATE_SLICES_DROPPED, InputFlag.UNEVEN_SPACING);
    }

    @Test
    void an_aborted_scan_and_its_repeat_in_one_series_are_never_mixed() throws IOException {
        Phantom aborted = new Phantom(12, 512, 0.45, 5, 4, 7, 80, true, b -> b);
        write(FIRST, aborted, b -> b.integer(Tag.ACQUISITION_NUMBER, Vr.IS, 1));
        write(FIRST, head(40), b -> b.integer(Tag.ACQUISITION_NUMBER, Vr.IS, 2));

        Finding.Analyzed finding = analyzed();

        assertThat(finding.bloodVolumeMl()).isCloseTo(4.86, offset(1e-6));
        assertThat(finding.slices()).hasSize(20);
        assertThat(finding.alsoAnalyzed()).hasSize(1);
    }

    @Test
    void two_times_in_one_series_are_told_apart_by_the_scanners_clock() throws IOException {
        write(FIRST, head(0), b -> b.string(Tag.ACQUISITION_TIME, Vr.TM, "080000"));
        write(FIRST, head(40), b -> b.string(Tag.ACQUISITION_TIME, Vr.TM, "093000"));

        Finding.Analyzed finding = analyzed();

        assertThat(finding.positive()).isTrue();
        assertThat(finding.alsoAnalyzed()).hasSize(1);
        assertThat(finding.flags()).doesNotContain(InputFlag.DUPLICATE_SLICES_DROPPED);
    }

    @Test
    void both_stacks_of_one_head_are_analyzed_and_together_they_are_whole() throws IOException {
        // The lower half has another field of view than the upper one, and the blood.
        write(FIRST, new Phantom(12, 512, 0.45, 5, 4, 7, 50, true, b -> b), b -> b);
        Phantom upper = new Phantom(12, 512, 0.5, 5, 0, 0, 0, true, b -> b);
        for (int slice = 0; slice < 12; slice++) {
            double height = 10 + 60 + 5 * slice;
            String sop = "2.25.300." + ++files;
            Files.write(
                    folder.resolve(files + ".dcm"),
                    upper.with(b -> b.string(Tag.SERIES_INSTANCE_UID, Vr.UI, FIRST)
                                    .string(Tag.SOP_INSTANCE_UID, Vr.UI, sop)
                                    .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -125, -125, height))
                            .file(slice));
        }
        Finding.Analyzed finding = analyzed();

        assertThat(finding.positive()).isTrue();
        assertThat(finding.coverageMm()).isCloseTo(120, offset(1.0));
        assertThat(finding.flags()).contains(InputFlag.SEVERAL_STACKS).doesNotContain(InputFlag.INCOMPLETE_COVERAGE);
        assertThat(finding.alsoAnalyzed()).hasSize(1);
    }

    @Test
    void a_part_of_a_head_is_never_negative_and_a_suspicion_in_it_stands_with_a_flag() throws IOException {
        write(FIRST, new Phantom(12, 512, 0.45, 5, 4, 7, 0, true, b -> b), at("080000", 1));

        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.INCOMPLETE_COVERAGE);
        assertThat(notAnalyzed().detail()).contains("60 mm of at least 90 mm");

        write(SECOND, new Phantom(12, 512, 0.45, 5, 4, 7, 40, true, b -> b), at("140000", 2));
        assertThat(analyzed().positive()).isTrue();
        assertThat(analyzed().flags()).contains(InputFlag.INCOMPLETE_COVERAGE);
        assertThat(analyzed().coverageMm()).isEqualTo(60.0);
    }

    @Test
    void slices_that_cannot_be_placed_are_said_and_forbid_a_negative() throws IOException {
        write(FIRST, head(0), b -> b);
        Phantom three = new Phantom(3, 512, 0.45, 5, 0, 3, 40, true, b -> b);
        write(FIRST, three, b -> b.decimal(Tag.PIXEL_SPACING, Vr.DS, 0, 0));

        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.BAD_GEOMETRY);
        assertThat(notAnalyzed().detail()).contains("3 slices");

        write(FIRST, head(40), at("140000", 7));
        assertThat(analyzed().positive()).isTrue();
        assertThat(analyzed().flags()).contains(InputFlag.SLICES_LEFT_OUT);
        assertThat(analyzed().slicesLeftOut()).isEqualTo(3);
        assertThat(ImageNotes.of(analyzed(), StudyFacts.unknown())).contains("slices left out (3)");
    }

    @Test
    void a_neighbour_that_cannot_be_decoded_is_left_out_and_said() throws IOException {
        write(SECOND, head(0), b -> b);
        int before = files;
        write(FIRST, head(0), at("140000", 2));
        for (int file = before + 1; file <= files; file++) {
            Path path = folder.resolve(file + ".dcm");
            byte[] bytes = Files.readAllBytes(path);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            byte[] wanted = "1.2.840.10008.1.2.9\0".getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(wanted, 0, bytes, text.indexOf("1.2.840.10008.1.2.1\0"), wanted.length);
            Files.write(path, bytes);
        }
        Finding.Analyzed finding = analyzed();

        assertThat(finding.seriesUid()).isEqualTo(SECOND);
        assertThat(finding.flags()).containsExactly(InputFlag.SERIES_LEFT_OUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MGML", "Z_EFF", "ED", "US"})
    void values_that_are_no_hounsfield_units_are_refused(String unit) throws IOException {
        write(FIRST, head(80), b -> b.string(Tag.RESCALE_TYPE, Vr.LO, unit));
        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.NO_AXIAL_SERIES);

        write(SECOND, head(40), b -> b.string(Tag.RESCALE_TYPE, Vr.LO, "HU"));
        assertThat(analyzed().seriesUid()).isEqualTo(SECOND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"VMI", "MAT_SPECIFIC", "EFF_ATOMIC_NUM", "ELECTRON_DENSITY"})
    void computed_energies_and_materials_are_refused(String value) throws IOException {
        write(FIRST, head(80), b -> b.string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL", value));
        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.NO_AXIAL_SERIES);

        write(SECOND, head(40), b -> b);
        assertThat(analyzed().seriesUid()).isEqualTo(SECOND);
        assertThat(analyzed().bloodVolumeMl()).isCloseTo(4.86, offset(1e-6));
    }

    @Test
    void axial_reformats_are_taken_with_a_flag_where_there_is_nothing_else() throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "SECONDARY", "REFORMATTED"));
        assertThat(analyzed().positive()).isTrue();
        assertThat(analyzed().flags()).containsExactly(InputFlag.REFORMATTED);

        write(SECOND, head(0), b -> b);
        assertThat(analyzed().seriesUid()).isEqualTo(SECOND);
        assertThat(analyzed().flags()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AXIAL", "MPR", "OTHER"})
    void a_site_that_archives_only_reformats_is_served(String kind) throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "PRIMARY", kind));

        assertThat(analyzed().flags()).containsExactly(InputFlag.REFORMATTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MIP", "MINIP", "VRT", "SUBTRACTION"})
    void projections_are_no_slices(String kind) throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "SECONDARY", "AXIAL", kind));

        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.NO_AXIAL_SERIES);
    }

    @Test
    void the_plain_scan_of_a_study_without_and_with_contrast_is_found() throws IOException {
        UnaryOperator<DicomObjectBuilder> study = b -> b.string(Tag.STUDY_DESCRIPTION, Vr.LO, "CT HEAD WO/W CONTRAST");
        write(FIRST, head(40), b -> study.apply(at("080000", 1).apply(b)));
        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.CONTRAST_ONLY);

        write(
                SECOND,
                head(80),
                b -> study.apply(at("081500", 2).apply(b)).string(Tag.CONTRAST_BOLUS_VOLUME, Vr.DS, "75"));
        assertThat(analyzed().seriesUid()).isEqualTo(FIRST);
        assertThat(analyzed().alsoAnalyzed()).isEmpty();
    }

    @Test
    void what_was_ordered_counts_where_the_series_says_nothing() throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.PROTOCOL_NAME, Vr.LO, "HEAD W CONTRAST"));

        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.CONTRAST_ONLY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"017Y", "006M", "003W", "010D"})
    void a_child_is_not_analyzed(String age) throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.PATIENT_AGE, Vr.AS, age));

        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.UNDER_AGE);
        assertThat(find(BloodNetAnalyzer.Limits.DEFAULT.withAgeYearsMin(0))).isInstanceOf(Finding.Analyzed.class);
    }

    @Test
    void age_follows_from_the_birth_date_and_is_not_guessed() throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.PATIENT_BIRTH_DATE, Vr.DA, "20200301"));
        assertThat(notAnalyzed().reason()).isEqualTo(NotAnalyzedReason.UNDER_AGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "19500301", "18000101", "20270101"})
    void a_birth_date_of_an_adult_or_of_nobody_is_no_reason(String born) throws IOException {
        write(FIRST, head(40), b -> b.string(Tag.PATIENT_BIRTH_DATE, Vr.DA, born));

        assertThat(analyzed().positive()).isTrue();
    }

    @Test
    void tells_without_the_network_whether_the_images_are_still_those_of_a_finding() throws IOException {
        write(FIRST, head(40), b -> b);
        Finding.Analyzed finding = analyzed();
        assertThat(inputNow(finding)).contains(finding.inputDigest());

        files = 0;
        write(FIRST, head(38), b -> b);
        assertThat(inputNow(finding))
                .as("other pixels, the same numbers")
                .isPresent()
                .isNotEqualTo(Optional.of(finding.inputDigest()));

        Files.delete(folder.resolve("7.dcm"));
        assertThat(inputNow(finding)).as("a slice is away").isNotEqualTo(Optional.of(finding.inputDigest()));
    }

    @Test
    void tells_so_of_two_scans_that_were_analyzed_together() throws IOException {
        write(FIRST, head(0), at("080000", 1));
        write(SECOND, head(40), at("140000", 1));
        Finding.Analyzed finding = analyzed();
        assertThat(finding.alsoAnalyzed()).hasSize(1);
        assertThat(inputNow(finding)).contains(finding.inputDigest());
    }
}
