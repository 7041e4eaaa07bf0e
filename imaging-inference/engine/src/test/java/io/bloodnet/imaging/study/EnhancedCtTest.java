package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.dicomweb.FakeArchive;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames of an Enhanced CT image are slices like any other: same finding, and the mask on the right frames. */
class EnhancedCtTest {

    private static final String SOP = "2.25.900";

    private static BloodNet net;
    private static List<HuSlice> slices;
    private static Finding.Analyzed plain;

    @TempDir
    static Path folders;

    @BeforeAll
    static void open() throws IOException {
        net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 4));
        slices = slices(40);
        List<byte[]> files = slices.stream().map(HuSlice::plain).toList();
        plain = (Finding.Analyzed) analyze("plain", files).finding();
    }

    @AfterAll
    static void close() {
        net.close();
    }

    /** Nine slices of 12 mm; three of them bleed unless {@code bleedSide} is 0. */
    private static List<HuSlice> slices(int bleedSide) {
        List<byte[]> files = new Phantom(9, 512, 0.45, 12, 3, 6, bleedSide, true, b -> b).files();
        return IntStream.range(0, files.size())
                .mapToObj(i -> HuSlice.of(files.get(i), i))
                .toList();
    }

    private static StudyAnalyzer.Analysis analyze(String name, List<byte[]> files) throws IOException {
        Path folder = Files.createDirectories(folders.resolve(name.replaceAll("[^a-z0-9]+", "-")));
        for (int i = 0; i < files.size(); i++) {
            Files.write(folder.resolve("%03d.dcm".formatted(i)), files.get(i));
        }
        return new AnalyzeFolder(net, BloodNetAnalyzer.Limits.DEFAULT)
                .analyze(folder)
                .analysis();
    }

    private static EnhancedCt enhanced() {
        return EnhancedCt.of(SOP, slices);
    }

    private static Map<String, Supplier<List<byte[]>>> forms() {
        Map<String, Supplier<List<byte[]>>> forms = new LinkedHashMap<>();
        forms.put("shared groups", () -> List.of(enhanced().file()));
        forms.put(
                "groups of each frame", () -> List.of(enhanced().withOwnGroups().file()));
        List<HuSlice> shuffled = new ArrayList<>(slices);
        Collections.shuffle(shuffled, new Random(20));
        forms.put(
                "frames in any order",
                () -> List.of(EnhancedCt.of(SOP, shuffled).file()));
        List<HuSlice> turned = slices.stream()
                .map(slice -> slice.turned(false, slice.index() % 2 == 1, slice.index() % 3 == 1))
                .toList();
        forms.put(
                "frames with other signs",
                () -> List.of(EnhancedCt.of(SOP, turned).withOwnGroups().file()));
        forms.put("rescale of each frame", () -> List.of(ownRescale().file()));
        forms.put(
                "implicit VR",
                () -> List.of(enhanced()
                        .stored(TransferSyntax.IMPLICIT_VR_LE, 1, true)
                        .file()));
        forms.put(
                "deflated",
                () -> List.of(enhanced()
                        .stored(TransferSyntax.DEFLATED_EXPLICIT_VR_LE, 1, true)
                        .file()));
        forms.put("RLE", () -> List.of(compressed(TransferSyntax.RLE_LOSSLESS, 1, true)));
        forms.put("JPEG 2000 without offsets", () -> List.of(compressed(TransferSyntax.JPEG_2000_LOSSLESS, 1, false)));
        forms.put("JPEG 2000 in pieces", () -> List.of(compressed(TransferSyntax.JPEG_2000_LOSSLESS, 3, true)));
        forms.put(
                "JPEG Lossless in pieces without offsets",
                () -> List.of(compressed(TransferSyntax.JPEG_LOSSLESS_SV1, 2, false)));
        forms.put(
                "two images",
                () -> List.of(
                        EnhancedCt.of(SOP, slices.subList(0, 4)).file(),
                        EnhancedCt.of(SOP + ".2", slices.subList(4, 9)).file()));
        forms.put("a concatenation", () -> concatenation(3, 3));
        forms.put("a concatenation without total", () -> concatenation(3, 0));
        forms.put("legacy converted", () -> List.of(legacy().file()));
        forms.put("a localizer in front", () -> List.of(withLocalizer().file()));
        forms.put(
                "frames beside classic slices",
                () -> Stream.concat(
                                Stream.of(
                                        EnhancedCt.of(SOP, slices.subList(0, 5)).file()),
                                slices.subList(5, 9).stream().map(HuSlice::plain))
                        .toList());
        return forms;
    }

    private static byte[] compressed(String syntax, int fragments, boolean listed) {
        return enhanced().stored(syntax, fragments, listed).file();
    }

    /** Slope and intercept differ from frame to frame, and none is shared. */
    private static EnhancedCt ownRescale() {
        List<HuSlice> shifted = slices.stream()
                .map(slice -> new HuSlice(slice.header(), shifted(slice), slice.index()))
                .toList();
        return EnhancedCt.of(SOP, shifted)
                .withOwnGroups()
                .group((frame, group) -> group.sequence(
                        Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, EnhancedCt.rescale(1, -1024 - 8 * frame)));
    }

    private static short[] shifted(HuSlice slice) {
        short[] shifted = slice.hu().clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += (short) (8 * slice.index());
        }
        return shifted;
    }

    private static List<byte[]> concatenation(int parts, int total) {
        List<byte[]> files = new ArrayList<>();
        int size = slices.size() / parts;
        for (int i = 0; i < parts; i++) {
            int number = i + 1;
            int offset = i * size;
            files.add(EnhancedCt.of(SOP + "." + number, slices.subList(offset, offset + size))
                    .top(top -> {
                        top.string(Tag.CONCATENATION_UID, Vr.UI, "2.25.77")
                                .integer(Tag.IN_CONCATENATION_NUMBER, Vr.US, number)
                                .integer(Tag.CONCATENATION_FRAME_OFFSET_NUMBER, Vr.UL, offset);
                        return total == 0 ? top : top.integer(Tag.IN_CONCATENATION_TOTAL_NUMBER, Vr.US, total);
                    })
                    .file());
        }
        return files;
    }

    /** PS3.3 A.70: what no functional group has a place for stands as it came. */
    private static EnhancedCt legacy() {
        return enhanced()
                .withOwnGroups()
                .top(top -> top.string(Tag.SOP_CLASS_UID, Vr.UI, EnhancedCt.LEGACY_CONVERTED))
                .group((frame, group) -> group.remove(Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE)
                        .remove(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE)
                        .sequence(
                                Tag.UNASSIGNED_PER_FRAME_CONVERTED_ATTRIBUTES_SEQUENCE,
                                DicomObject.builder()
                                        .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
                                        .string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.1." + frame)
                                        .integer(Tag.INSTANCE_NUMBER, Vr.IS, frame + 1)
                                        .decimal(Tag.RESCALE_SLOPE, Vr.DS, 1)
                                        .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, -1024)
                                        .build()));
    }

    private static EnhancedCt withLocalizer() {
        List<HuSlice> more = new ArrayList<>(slices);
        more.addFirst(slices.get(8));
        return EnhancedCt.of(SOP, more)
                .group((frame, group) -> frame > 0
                        ? group
                        : group.remove(Tag.PLANE_POSITION_SEQUENCE)
                                .sequence(
                                        Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE,
                                        EnhancedCt.frameType("ORIGINAL", "PRIMARY", "LOCALIZER", "NONE")));
    }

    static Stream<String> names() {
        return forms().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void the_finding_is_that_of_the_classic_slices(String form) throws IOException {
        List<byte[]> files = forms().get(form).get();
        StudyAnalyzer.Analysis analysis = analyze(form, files);

        Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();
        assertThat(finding.probability()).isCloseTo(plain.probability(), offset(1e-6));
        assertThat(finding.bloodVolumeMl()).isCloseTo(plain.bloodVolumeMl(), offset(1e-3));
        assertThat(finding.coverageMm()).isEqualTo(plain.coverageMm());
        assertThat(finding.slices())
                .extracting(Finding.SliceFinding::bloodMl)
                .isEqualTo(plain.slices().stream()
                        .map(Finding.SliceFinding::bloodMl)
                        .toList());
        assertMaskOnBlood(analysis, files);
    }

    /** By frame of each file: the bits of the SEG are where the blood is, and its places are those of the frames. */
    private static void assertMaskOnBlood(StudyAnalyzer.Analysis analysis, List<byte[]> files) {
        Map<String, DicomObject> images = new LinkedHashMap<>();
        files.forEach(file -> {
            DicomObject image = FakeArchive.dataSet(file);
            images.put(image.requiredUid(Tag.SOP_INSTANCE_UID), image);
        });
        DicomObject seg = FakeArchive.dataSet(analysis.mask().toSeg("2.25.7", "2.25.8", Instant.EPOCH));
        List<DicomObject> frames = seg.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assertThat(frames).hasSize(3);
        List<String> referenced =
                seg
                        .sequence(Tag.REFERENCED_SERIES_SEQUENCE)
                        .getFirst()
                        .sequence(Tag.REFERENCED_INSTANCE_SEQUENCE)
                        .stream()
                        .map(instance -> instance.requiredUid(Tag.REFERENCED_SOP_INSTANCE_UID))
                        .toList();
        assertThat(referenced).doesNotHaveDuplicates();
        for (DicomObject frame : frames) {
            DicomObject source = frame.sequence(Tag.DERIVATION_IMAGE_SEQUENCE)
                    .getFirst()
                    .sequence(Tag.SOURCE_IMAGE_SEQUENCE)
                    .getFirst();
            DicomObject image = images.get(source.requiredUid(Tag.REFERENCED_SOP_INSTANCE_UID));
            assertThat(referenced).contains(source.requiredUid(Tag.REFERENCED_SOP_INSTANCE_UID));
            assertThat(source.requiredUid(Tag.REFERENCED_SOP_CLASS_UID))
                    .isEqualTo(image.requiredUid(Tag.SOP_CLASS_UID));
            boolean multiframe = image.contains(Tag.NUMBER_OF_FRAMES);
            assertThat(source.contains(Tag.REFERENCED_FRAME_NUMBER)).isEqualTo(multiframe);
            DicomObject place = multiframe
                    ? image.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                            .get(source.requiredInteger(Tag.REFERENCED_FRAME_NUMBER) - 1)
                            .sequence(Tag.PLANE_POSITION_SEQUENCE)
                            .getFirst()
                    : image;
            double z = place.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3)[2];
            assertThat(frame.sequence(Tag.PLANE_POSITION_SEQUENCE)
                            .getFirst()
                            .requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3))
                    .isEqualTo(place.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3));
            // Slices 3 to 5 of 12 mm from 10 mm on bleed.
            assertThat(z).isIn(46.0, 58.0, 70.0);
        }
    }

    @Test
    void each_slice_is_named_by_instance_and_frame() throws IOException {
        StudyAnalyzer.Analysis analysis = analyze("named", List.of(enhanced().file()));
        Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();

        assertThat(finding.slices())
                .extracting(Finding.SliceFinding::sopInstanceUid)
                .containsOnly(SOP);
        assertThat(finding.slices()).extracting(Finding.SliceFinding::frame).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(plain.slices()).extracting(Finding.SliceFinding::frame).containsOnly(0);
        assertThat(analysis.instances()).isEqualTo(1);
        assertThat(analysis.facts().sliceCount()).isEqualTo(9);
    }

    @Test
    void another_frame_with_the_same_pixels_is_another_input() throws IOException {
        Function<List<HuSlice>, String> digest = frames -> {
            try {
                return ((Finding.Analyzed) analyze(
                                        "digest " + frames.getFirst().index(),
                                        List.of(EnhancedCt.of(SOP, frames).file()))
                                .finding())
                        .inputDigest();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
        assertThat(digest.apply(slices)).isNotEqualTo(digest.apply(slices.reversed()));
    }

    private static void assertNotAnalyzed(String name, List<byte[]> files, NotAnalyzedReason reason)
            throws IOException {
        Finding finding = analyze(name, files).finding();
        assertThat(finding).isInstanceOf(Finding.NotAnalyzed.class);
        assertThat(((Finding.NotAnalyzed) finding).reason()).isEqualTo(reason);
    }

    @Test
    void a_concatenation_that_lacks_a_part_is_incomplete() throws IOException {
        List<byte[]> parts = concatenation(3, 3);
        assertNotAnalyzed("no first part", parts.subList(1, 3), NotAnalyzedReason.INCOMPLETE);
        assertNotAnalyzed("no last part", parts.subList(0, 2), NotAnalyzedReason.INCOMPLETE);
        assertNotAnalyzed("no middle", List.of(parts.get(0), parts.get(2)), NotAnalyzedReason.INCOMPLETE);
        List<byte[]> untold = concatenation(3, 0);
        assertNotAnalyzed("no middle, no total", List.of(untold.get(0), untold.get(2)), NotAnalyzedReason.INCOMPLETE);
    }

    @Test
    void frames_without_their_groups_cannot_be_placed() throws IOException {
        assertNotAnalyzed(
                "fewer groups than frames",
                List.of(enhanced()
                        .top(top -> top.integer(Tag.NUMBER_OF_FRAMES, Vr.IS, 8))
                        .file()),
                NotAnalyzedReason.BAD_GEOMETRY);
        assertNotAnalyzed(
                "no groups",
                List.of(enhanced()
                        .top(top -> top.remove(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                                .remove(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE))
                        .file()),
                NotAnalyzedReason.BAD_GEOMETRY);
        assertNotAnalyzed(
                "a classic image with many frames",
                List.of(enhanced()
                        .top(top -> classic(top)
                                .remove(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                                .remove(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE))
                        .file()),
                NotAnalyzedReason.BAD_GEOMETRY);
    }

    /** As some converters write: the class of one slice, and a position as if there were only one. */
    private static DicomObjectBuilder classic(DicomObjectBuilder top) {
        return top.string(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2")
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -125, -125, 10)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, 0.5, 0.5);
    }

    @Test
    void a_frame_without_a_place_keeps_a_negative_from_being_said() throws IOException {
        List<HuSlice> clean = new ArrayList<>(slices(0));
        clean.add(clean.get(4));
        EnhancedCt image = EnhancedCt.of(SOP, clean)
                .group((frame, group) -> frame < 9 ? group : group.remove(Tag.PLANE_POSITION_SEQUENCE));
        assertNotAnalyzed("one without a place", List.of(image.file()), NotAnalyzedReason.BAD_GEOMETRY);
    }

    @Test
    void one_damaged_frame_makes_the_series_incomplete() throws IOException {
        byte[] file = compressed(TransferSyntax.JPEG_LOSSLESS_SV1, 1, true);
        // Near the end of the fifth of nine frames.
        java.util.Arrays.fill(file, file.length / 2, file.length / 2 + 64, (byte) 0xFF);
        assertNotAnalyzed("damaged frame", List.of(file), NotAnalyzedReason.INCOMPLETE);
    }

    @Test
    void two_times_in_one_image_are_two_scans() throws IOException {
        List<HuSlice> both = Stream.concat(slices(0).stream(), slices.stream()).toList();
        EnhancedCt image = EnhancedCt.of(SOP, both)
                .group((frame, group) -> group.sequence(
                        Tag.FRAME_CONTENT_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.STACK_ID, Vr.SH, "1")
                                .integer(Tag.TEMPORAL_POSITION_INDEX, Vr.UL, 1 + frame / 9)
                                .string(
                                        Tag.FRAME_ACQUISITION_DATE_TIME,
                                        Vr.DT,
                                        frame < 9 ? "20260102101500" : "20260102102500")
                                .build()));
        Finding.Analyzed finding =
                (Finding.Analyzed) analyze("two times", List.of(image.file())).finding();

        assertThat(finding.bloodVolumeMl()).isCloseTo(plain.bloodVolumeMl(), offset(1e-3));
        assertThat(finding.flags()).contains(InputFlag.SEVERAL_STACKS);
        assertThat(finding.slices())
                .extracting(Finding.SliceFinding::frame)
                .containsExactly(10, 11, 12, 13, 14, 15, 16, 17, 18);
        assertThat(finding.alsoAnalyzed()).hasSize(1);
    }

    @Test
    void a_soft_and_a_bone_stack_in_one_image_are_not_mixed() throws IOException {
        List<HuSlice> both = Stream.concat(slices(0).stream(), slices.stream()).toList();
        EnhancedCt image = EnhancedCt.of(SOP, both)
                .group((frame, group) -> group.sequence(
                        Tag.CT_RECONSTRUCTION_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.CONVOLUTION_KERNEL_GROUP, Vr.CS, frame < 9 ? "BONE" : "BRAIN")
                                .build()));
        Finding.Analyzed finding = (Finding.Analyzed)
                analyze("soft and bone", List.of(image.file())).finding();

        assertThat(finding.bloodVolumeMl()).isCloseTo(plain.bloodVolumeMl(), offset(1e-3));
        assertThat(finding.flags()).doesNotContain(InputFlag.SHARP_KERNEL);
        assertThat(finding.slices()).extracting(Finding.SliceFinding::frame).allMatch(frame -> frame > 9);
    }

    @Test
    void frames_with_contrast_medium_are_left_out_of_the_plain_ones() throws IOException {
        List<HuSlice> both = Stream.concat(slices.stream(), slices(60).stream()).toList();
        EnhancedCt image = EnhancedCt.of(SOP, both)
                .top(top -> top.sequence(
                        Tag.CONTRAST_BOLUS_AGENT_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.CODE_VALUE, Vr.SH, "109219")
                                .string(Tag.CODING_SCHEME_DESIGNATOR, Vr.SH, "DCM")
                                .string(Tag.CODE_MEANING, Vr.LO, "Iohexol")
                                .build()))
                .group((frame, group) -> group.sequence(
                        Tag.CONTRAST_BOLUS_USAGE_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.CONTRAST_BOLUS_AGENT_ADMINISTERED, Vr.CS, frame < 9 ? "NO" : "YES")
                                .build()));
        Finding.Analyzed finding = (Finding.Analyzed)
                analyze("with and without", List.of(image.file())).finding();
        assertThat(finding.bloodVolumeMl()).isCloseTo(plain.bloodVolumeMl(), offset(1e-3));
        assertThat(finding.slices()).extracting(Finding.SliceFinding::frame).allMatch(frame -> frame <= 9);

        assertNotAnalyzed(
                "post contrast",
                List.of(flavor("ORIGINAL", "PRIMARY", "POST_CONTRAST", "NONE")),
                NotAnalyzedReason.CONTRAST_ONLY);
    }

    private static byte[] flavor(String... frameType) {
        return enhanced()
                .withOwnGroups()
                .group((_, group) -> group.sequence(Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE, EnhancedCt.frameType(frameType)))
                .file();
    }

    @Test
    void frames_that_are_no_slices_are_refused_by_their_type() throws IOException {
        for (String[] type : new String[][] {
            {"DERIVED", "PRIMARY", "VOLUME", "MAX_IP"},
            {"DERIVED", "PRIMARY", "PERFUSION", "QUANTITY"},
            {"DERIVED", "PRIMARY", "VOLUME", "ENERGY_PROP_WT"},
            {"ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"}
        }) {
            assertNotAnalyzed(String.join(" ", type), List.of(flavor(type)), NotAnalyzedReason.NO_AXIAL_SERIES);
        }
        byte[] rendered = enhanced()
                .group((_, group) -> group.sequence(
                        Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE,
                        EnhancedCt.frameType("DERIVED", "PRIMARY", "VOLUME", "NONE").toBuilder()
                                .string(Tag.VOLUME_BASED_CALCULATION_TECHNIQUE, Vr.CS, "VOLUME_RENDER")
                                .build()))
                .file();
        assertNotAnalyzed("rendered", List.of(rendered), NotAnalyzedReason.NO_AXIAL_SERIES);
    }

    @Test
    void an_axial_reformat_is_analyzed_with_its_flag() throws IOException {
        Finding.Analyzed finding =
                (Finding.Analyzed) analyze("reformat", List.of(flavor("DERIVED", "PRIMARY", "VOLUME", "RESAMPLED")))
                        .finding();
        assertThat(finding.flags()).contains(InputFlag.REFORMATTED);
        assertThat(finding.bloodVolumeMl()).isCloseTo(plain.bloodVolumeMl(), offset(1e-3));
    }

    @Test
    void an_archive_gives_one_instance_for_all_frames() throws IOException {
        byte[] file = enhanced().file();
        try (FakeArchive archive = new FakeArchive(List.of(file))) {
            archive.on(
                    "metadata",
                    exchange ->
                            FakeArchive.json(exchange, 200, "[" + MetadataJson.of(FakeArchive.dataSet(file)) + "]"));
            StudyAnalyzer.Analysis analysis = FakeArchive.analyze(archive, net);
            Finding.Analyzed finding = (Finding.Analyzed) analysis.finding();

            assertThat(finding.bloodVolumeMl()).isCloseTo(plain.bloodVolumeMl(), offset(1e-3));
            assertThat(analysis.instances()).isEqualTo(1);
            assertThat(archive.count("instance")).isZero();
            assertMaskOnBlood(analysis, List.of(file));
        }
    }

    @Test
    void an_archive_that_counts_more_instances_than_it_gives_is_incomplete() throws IOException {
        byte[] file = enhanced().file();
        try (FakeArchive archive = new FakeArchive(List.of(file))) {
            archive.on(
                            "series-list",
                            exchange -> FakeArchive.json(exchange, 200, "[" + FakeArchive.seriesJson(2) + "]"))
                    .on(
                            "metadata",
                            exchange -> FakeArchive.json(
                                    exchange, 200, "[" + MetadataJson.of(FakeArchive.dataSet(file)) + "]"));
            Finding finding = FakeArchive.analyze(archive, net).finding();
            assertThat(((Finding.NotAnalyzed) finding).reason()).isEqualTo(NotAnalyzedReason.INCOMPLETE);
        }
    }
}
