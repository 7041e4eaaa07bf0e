package io.bloodnet.imaging.seg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.ModelId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegWriterTest {

    private static final ModelId MODEL = new ModelId("bloodnet-ich", "0.1.0", "ab".repeat(32));
    private static final Instant AT = Instant.parse("2026-01-02T23:30:15Z");

    @ParameterizedTest
    @CsvSource({"64, 64", "63, 65", "7, 3"})
    void every_voxel_comes_back_on_its_slice_and_position(int rows, int columns) {
        long seed = System.nanoTime();
        SegInput input = input(rows, columns, seed);

        DicomObject seg = read(SegWriter.write(input)).dataSet();

        List<DicomObject> groups = seg.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        Bytes pixels = seg.bytes(Tag.PIXEL_DATA).orElseThrow();
        assertThat(pixels.length()).isEqualTo((rows * columns * groups.size() + 15) / 16 * 2);
        assertThat(groups).hasSameSizeAs(input.mask().frames());
        for (int frame = 0; frame < groups.size(); frame++) {
            Mask.Frame expected = input.mask().frames().get(frame);
            DicomObject source = groups.get(frame)
                    .sequence(Tag.DERIVATION_IMAGE_SEQUENCE)
                    .getFirst()
                    .sequence(Tag.SOURCE_IMAGE_SEQUENCE)
                    .getFirst();
            assertThat(source.uid(Tag.REFERENCED_SOP_INSTANCE_UID))
                    .contains(expected.slice().sopInstanceUid());
            DicomObject slice = input.sources().stream()
                    .filter(s -> s.uid(Tag.SOP_INSTANCE_UID)
                            .orElseThrow()
                            .equals(expected.slice().sopInstanceUid()))
                    .findFirst()
                    .orElseThrow();
            assertThat(groups.get(frame)
                            .sequence(Tag.PLANE_POSITION_SEQUENCE)
                            .getFirst()
                            .requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3))
                    .isEqualTo(slice.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3));
            for (int voxel = 0; voxel < rows * columns; voxel++) {
                int bit = frame * rows * columns + voxel;
                assertThat((pixels.at(bit >> 3) >> (bit & 7) & 1) == 1)
                        .as("seed %d, frame %d, voxel %d", seed, frame, voxel)
                        .isEqualTo(Mask.isSet(expected.bits(), voxel));
            }
        }
    }

    @Test
    void repeats_patient_and_study_of_the_source_byte_by_byte_and_marks_ai() {
        SegInput input = input(8, 8, 1);
        DicomObject source = input.sources().getFirst();

        DicomFile file = read(SegWriter.write(input));
        DicomObject seg = file.dataSet();

        for (int tag : new int[] {
            Tag.SPECIFIC_CHARACTER_SET,
            Tag.PATIENT_NAME,
            Tag.PATIENT_ID,
            Tag.ISSUER_OF_PATIENT_ID,
            Tag.STUDY_INSTANCE_UID,
            Tag.STUDY_DESCRIPTION,
            Tag.ACCESSION_NUMBER,
            Tag.FRAME_OF_REFERENCE_UID
        }) {
            assertThat(seg.element(tag)).isPresent().isEqualTo(source.element(tag));
        }
        assertThat(seg.contains(Tag.STUDY_ID)).as("type 2").isTrue();
        assertThat(seg.uid(Tag.SOP_INSTANCE_UID)).contains("2.25.900");
        assertThat(seg.uid(Tag.SERIES_INSTANCE_UID)).contains("2.25.901");
        assertThat(file.transferSyntaxUid()).isEqualTo(TransferSyntax.EXPLICIT_VR_LE);
        assertThat(seg.string(Tag.CONTENT_DESCRIPTION).orElseThrow()).contains("AI-made", "preliminary");
        // 23:30 UTC is the next day where the study was made.
        assertThat(seg.string(Tag.CONTENT_DATE)).contains("20260103");
        assertThat(seg.string(Tag.CONTENT_TIME)).contains("003015");
    }

    @Test
    void slice_distance_is_measured_and_spacing_is_the_sources() {
        DicomObject shared = read(SegWriter.write(input(8, 8, 1)))
                .dataSet()
                .sequence(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                .getFirst();
        DicomObject measures = shared.sequence(Tag.PIXEL_MEASURES_SEQUENCE).getFirst();

        assertThat(measures.decimals(Tag.SLICE_THICKNESS)).containsExactly(4.8);
        assertThat(measures.decimals(Tag.SPACING_BETWEEN_SLICES)).containsExactly(4.8);
        assertThat(measures.decimals(Tag.PIXEL_SPACING)).containsExactly(0.5, 0.25);
        assertThat(shared.sequence(Tag.PLANE_ORIENTATION_SEQUENCE)).hasSize(1);
    }

    @Test
    void differing_orientations_stay_with_their_frames() {
        SegInput input = input(8, 8, 1);
        List<DicomObject> sources = new ArrayList<>(input.sources());
        sources.set(
                1,
                sources.get(1).toBuilder()
                        .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 0.9999, -0.01)
                        .build());

        DicomObject seg = read(SegWriter.write(new SegInput(input.mask(), sources, MODEL, "2.25.900", "2.25.901", AT)))
                .dataSet();

        assertThat(seg.sequence(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                        .getFirst()
                        .contains(Tag.PLANE_ORIENTATION_SEQUENCE))
                .isFalse();
        assertThat(seg.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE))
                .allMatch(group -> group.contains(Tag.PLANE_ORIENTATION_SEQUENCE));
    }

    @Test
    void lossy_sources_make_a_lossy_seg() {
        SegInput input = input(8, 8, 1);
        List<DicomObject> sources = input.sources().stream()
                .map(source -> source.toBuilder()
                        .string(Tag.LOSSY_IMAGE_COMPRESSION, Vr.CS, "01")
                        .build())
                .toList();

        byte[] seg = SegWriter.write(new SegInput(input.mask(), sources, MODEL, "2.25.900", "2.25.901", AT));

        assertThat(read(seg).dataSet().string(Tag.LOSSY_IMAGE_COMPRESSION)).contains("01");
        assertThat(read(SegWriter.write(input)).dataSet().string(Tag.LOSSY_IMAGE_COMPRESSION))
                .contains("00");
    }

    @Test
    void the_same_input_gives_the_same_bytes() {
        assertThat(SegWriter.write(input(63, 65, 5))).isEqualTo(SegWriter.write(input(63, 65, 5)));
    }

    @Test
    void refuses_an_empty_mask_and_a_foreign_slice() {
        SegInput input = input(7, 3, 1);
        List<DicomObject> sources = input.sources();
        assertThatThrownBy(() -> new SegInput(new Mask(7, 3, List.of()), sources, MODEL, "2.25.1", "2.25.2", AT))
                .isInstanceOf(IllegalArgumentException.class);
        Mask foreign = new Mask(7, 3, List.of(new Mask.Frame("2.25.77", new byte[3])));
        assertThatThrownBy(() -> SegWriter.write(new SegInput(foreign, sources, MODEL, "2.25.1", "2.25.2", AT)))
                .isInstanceOf(IllegalArgumentException.class);
        Mask stray = new Mask(7, 3, List.of(new Mask.Frame("2.25.100", new byte[] {0, 0, (byte) 0x80})));
        assertThatThrownBy(() -> new SegInput(stray, sources, MODEL, "2.25.1", "2.25.2", AT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("beyond its last voxel");
    }

    @Test
    void a_series_without_frame_of_reference_gets_one_of_its_own() {
        SegInput input = input(7, 3, 1);
        List<DicomObject> nowhere = input.sources().stream()
                .map(source ->
                        source.toBuilder().remove(Tag.FRAME_OF_REFERENCE_UID).build())
                .toList();
        DicomObject one = read(SegWriter.write(new SegInput(input.mask(), nowhere, MODEL, "2.25.1", "2.25.2", AT)))
                .dataSet();
        DicomObject other = read(SegWriter.write(new SegInput(input.mask(), nowhere, MODEL, "2.25.3", "2.25.4", AT)))
                .dataSet();

        assertThat(one.requiredUid(Tag.FRAME_OF_REFERENCE_UID))
                .startsWith("2.25.")
                .isEqualTo(other.requiredUid(Tag.FRAME_OF_REFERENCE_UID));
    }

    @Test
    void frames_of_uneven_slices_carry_their_own_thickness() {
        SegInput input = input(8, 8, 1);
        List<DicomObject> sources = new ArrayList<>(input.sources());
        int last = sources.size() - 1;
        double[] top = sources.get(last).requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3);
        sources.set(
                last,
                sources.get(last).toBuilder()
                        .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, top[0], top[1], top[2] + 2.4)
                        .build());
        DicomObject seg = read(SegWriter.write(new SegInput(input.mask(), sources, MODEL, "2.25.1", "2.25.2", AT)))
                .dataSet();

        assertThat(seg.sequence(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                        .getFirst()
                        .contains(Tag.PIXEL_MEASURES_SEQUENCE))
                .isFalse();
        assertThat(seg.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE))
                .extracting(group ->
                        group.sequence(Tag.PIXEL_MEASURES_SEQUENCE).getFirst().decimals(Tag.SLICE_THICKNESS)[0])
                .contains(7.2)
                .allMatch(mm -> mm == 4.8 || mm == 6.0 || mm == 7.2);
    }

    @Test
    void dciodvfy_finds_no_error_where_the_source_forgot_patient_attributes(@TempDir Path folder) throws Exception {
        SegInput input = input(64, 64, 3);
        List<DicomObject> sources = input.sources().stream()
                .map(source -> source.toBuilder()
                        .remove(Tag.PATIENT_BIRTH_DATE)
                        .remove(Tag.PATIENT_SEX)
                        .string(0x0012_0062, Vr.CS, "YES")
                        .empty(0x0012_0063, Vr.LO)
                        .build())
                .toList();
        byte[] seg = SegWriter.write(new SegInput(input.mask(), sources, MODEL, "2.25.900", "2.25.901", AT));

        assertThat(errors(
                        "dciodvfy",
                        "-new",
                        Files.write(folder.resolve("seg.dcm"), seg).toString()))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"64, 64", "63, 65"})
    void dciodvfy_finds_no_error(int rows, int columns, @TempDir Path folder) throws Exception {
        Path seg = Files.write(folder.resolve("seg.dcm"), SegWriter.write(input(rows, columns, 3)));

        assertThat(errors("dciodvfy", "-new", seg.toString())).isEmpty();
        assertThat(errors("dciodvfy", seg.toString())).isEmpty();
    }

    private static List<String> errors(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            Assumptions.abort("skipped: dciodvfy (dicom3tools) is not installed");
            throw e;
        }
        try (InputStream output = process.getInputStream()) {
            List<String> lines = new String(output.readAllBytes()).lines().toList();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(lines).as("it says what it took the file for").anyMatch(line -> line.contains("Segmentation"));
            return lines.stream().filter(line -> line.startsWith("Error")).toList();
        }
    }

    private static DicomFile read(byte[] seg) {
        return new DicomReader(DicomLimits.DEFAULT).read(seg);
    }

    /** Five slices, blood on the second, third and last. */
    private static SegInput input(int rows, int columns, long seed) {
        List<DicomObject> sources = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sources.add(slice(rows, columns, i));
        }
        Random random = new Random(seed);
        List<Mask.Frame> frames = new ArrayList<>();
        for (int slice : new int[] {1, 2, 4}) {
            byte[] bits = new byte[Mask.bytesFor(rows, columns)];
            for (int voxel = 0; voxel < rows * columns; voxel++) {
                if (random.nextInt(3) == 0) {
                    Mask.set(bits, voxel);
                }
            }
            frames.add(new Mask.Frame("2.25.10" + slice, bits));
        }
        return new SegInput(new Mask(rows, columns, frames), sources, MODEL, "2.25.900", "2.25.901", AT);
    }

    private static DicomObject slice(int rows, int columns, int index) {
        DicomObjectBuilder slice = DicomObject.builder()
                .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192")
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
                .string(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2")
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.10" + index)
                .string(Tag.TIMEZONE_OFFSET_FROM_UTC, Vr.SH, "+0100")
                .string(Tag.STUDY_DATE, Vr.DA, "20260103")
                .string(Tag.STUDY_TIME, Vr.TM, "001500")
                .string(Tag.ACCESSION_NUMBER, Vr.SH, "ACC-7")
                .string(Tag.STUDY_DESCRIPTION, Vr.LO, "CT HEAD W/O CONTRAST")
                .string(Tag.PATIENT_NAME, Vr.PN, "Müller^Jürgen=山田")
                .string(Tag.PATIENT_ID, Vr.LO, "SYN-7")
                .string(Tag.ISSUER_OF_PATIENT_ID, Vr.LO, "HOSP")
                .string(Tag.PATIENT_BIRTH_DATE, Vr.DA, "19500101")
                .string(Tag.PATIENT_SEX, Vr.CS, "M")
                .string(Tag.BODY_PART_EXAMINED, Vr.CS, "HEAD")
                .decimal(Tag.SLICE_THICKNESS, Vr.DS, 5)
                .string(Tag.STUDY_INSTANCE_UID, Vr.UI, "2.25.1")
                .string(Tag.SERIES_INSTANCE_UID, Vr.UI, "2.25.2")
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -16, -16.5, 100 + 4.8 * index)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0)
                .string(Tag.FRAME_OF_REFERENCE_UID, Vr.UI, "2.25.3")
                .integer(Tag.ROWS, Vr.US, rows)
                .integer(Tag.COLUMNS, Vr.US, columns)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, 0.5, 0.25);
        // As it comes from an archive, with values padded to even lengths.
        return read(DicomWriter.write(DicomFile.of(slice.build(), TransferSyntax.EXPLICIT_VR_LE)))
                .dataSet()
                .header();
    }
}
