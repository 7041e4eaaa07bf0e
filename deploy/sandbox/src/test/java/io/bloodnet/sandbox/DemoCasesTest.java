package io.bloodnet.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.sandbox.ct.CtStudyFiles;
import io.bloodnet.sandbox.pacs.SandboxPacs;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The demo must show what it announces: the shipped model is asked about each of its heads, over DICOMweb. */
class DemoCasesTest {

    private static final Path BUNDLE = Path.of(System.getProperty("bloodnet.root", "../.."), "imaging-inference/model");

    @Test
    void shipped_model_finds_in_each_demo_case_what_was_drawn() {
        assumeTrue(Files.exists(BUNDLE.resolve(ModelBundle.GRAPH)), "no model bundle");
        List<String> wrong = new ArrayList<>();
        try (SandboxPacs pacs = new SandboxPacs(0, SandboxPacs.BYTES_MAX_DEFAULT);
                BloodNet net =
                        BloodNet.open(ModelBundle.load(BUNDLE), BloodNet.Settings.defaults(ExecutionProvider.CPU));
                DicomWebClient archive = new DicomWebClient(
                        DicomWebSettings.of(URI.create(pacs.url()), ArchiveAccess.OPEN), DicomLimits.DEFAULT)) {
            BloodNetAnalyzer analyzer =
                    new BloodNetAnalyzer(archive.images(), net, BloodNetAnalyzer.Limits.DEFAULT, ZoneOffset.UTC);
            for (SampleCase sample : SampleCases.demo()) {
                pacs.store(CtStudyFiles.make(sample, Instant.parse("2026-01-02T10:00:00Z")));
                Finding finding = analyze(archive, analyzer, sample).finding();
                System.out.println(sample.id() + ": " + said(finding));
                if (!word(finding).equals(sample.expected())) {
                    wrong.add(sample.id() + ": " + said(finding));
                }
                pacs.remove(sample.studyUid());
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static Analysis analyze(DicomWebClient archive, BloodNetAnalyzer analyzer, SampleCase sample) {
        StudyLookup found =
                archive.find(null, new AccessionNumber(sample.accession()), new PatientId(sample.patientId(), null));
        assertThat(found).isInstanceOf(StudyLookup.Found.class);
        return analyzer.analyze(((StudyLookup.Found) found).listing());
    }

    private static String word(Finding finding) {
        return switch (finding) {
            case Finding.Analyzed a -> a.positive() ? "bleed" : "no bleed";
            case Finding.NotAnalyzed _ -> "not analyzed";
        };
    }

    private static String said(Finding finding) {
        return switch (finding) {
            case Finding.Analyzed a ->
                String.format(
                        Locale.ROOT,
                        "probability %.3f, threshold %.3f, %.1f mL",
                        a.probability(),
                        a.threshold(),
                        a.bloodVolumeMl());
            case Finding.NotAnalyzed n -> n.reason() + ", " + n.detail();
        };
    }
}
