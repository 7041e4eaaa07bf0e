package io.bloodnet.sandbox.ct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CtStudyFilesTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final SampleCase BLEED = SampleCases.demo().getFirst();

    @Test
    void study_is_a_localizer_and_an_axial_series_with_even_geometry() {
        List<DicomObject> study = read(CtStudyFiles.make(BLEED, NOW));

        assertThat(study).hasSize(BLEED.instances());
        assertThat(study.getFirst().strings(Tag.IMAGE_TYPE)).contains("LOCALIZER");
        assertThat(study).extracting(s -> s.requiredUid(Tag.STUDY_INSTANCE_UID)).containsOnly(BLEED.studyUid());
        assertThat(study)
                .extracting(s -> s.requiredString(Tag.ACCESSION_NUMBER))
                .containsOnly(BLEED.accession());
        assertThat(study).extracting(s -> s.requiredUid(Tag.SOP_INSTANCE_UID)).doesNotHaveDuplicates();
        List<DicomObject> axial = study.subList(1, study.size());
        assertThat(axial)
                .extracting(s -> s.strings(Tag.IMAGE_TYPE))
                .containsOnly(List.of("ORIGINAL", "PRIMARY", "AXIAL"));
        for (int i = 1; i < axial.size(); i++) {
            double below = axial.get(i - 1).requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3)[2];
            double above = axial.get(i).requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3)[2];
            assertThat(above - below).isEqualTo(SyntheticHeadCt.SLICE_MM);
        }
    }

    @Test
    void localizer_only_case_has_one_image() {
        SampleCase sample = SampleCases.demo().stream()
                .filter(c -> c.content() == HeadContent.LOCALIZER_ONLY)
                .findFirst()
                .orElseThrow();

        assertThat(read(CtStudyFiles.make(sample, NOW)))
                .singleElement()
                .satisfies(s -> assertThat(s.strings(Tag.IMAGE_TYPE)).contains("LOCALIZER"));
    }

    @Test
    void same_case_gives_the_same_bytes() {
        assertThat(CtStudyFiles.make(BLEED, NOW)).containsExactlyElementsOf(CtStudyFiles.make(BLEED, NOW));
    }

    @Test
    void dciodvfy_finds_no_error(@TempDir Path folder) throws Exception {
        Path tool = Path.of("/usr/bin/dciodvfy");
        assumeTrue(Files.isExecutable(tool), "dciodvfy (dicom3tools) is not installed");
        List<byte[]> files = CtStudyFiles.make(BLEED, NOW);
        for (byte[] file : List.of(files.getFirst(), files.get(15))) {
            Path path = Files.write(folder.resolve("instance.dcm"), file);
            Process process = new ProcessBuilder(tool.toString(), path.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said).doesNotContain("Error");
        }
    }

    private static List<DicomObject> read(List<byte[]> files) {
        DicomReader reader = new DicomReader(DicomLimits.DEFAULT);
        return files.stream().map(file -> reader.read(file).dataSet()).toList();
    }
}
