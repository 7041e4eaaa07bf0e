package io.bloodnet.hl7.resultout;

import static io.bloodnet.hl7.resultout.OruMessage.SYSTEM;

import io.bloodnet.hl7.er7.SegmentText;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.ImageNotes;
import io.bloodnet.imaging.finding.ResultWords;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The OBX segments of one report: always the same in the same order, so that a later message finds those of an earlier one. */
final class Observations {

    private static final String LOCAL = "L";

    private final FindingReport report;
    private final Function<@Nullable Instant, String> time;
    private final boolean pdf;
    private final boolean withdrawn;
    private final boolean maskRefused;
    private final boolean known;
    private int next = 1;

    /** @param pdf whether the report as PDF is one of them */
    Observations(FindingReport report, Function<@Nullable Instant, String> time, boolean pdf) {
        this.report = report;
        this.time = time;
        this.pdf = pdf;
        this.withdrawn = report.kind() == FindingReport.Kind.WITHDRAWN;
        this.maskRefused = report.kind() == FindingReport.Kind.MASK_REFUSED;
        this.known = report.finding() instanceof Finding.Analyzed;
    }

    void writeTo(StringBuilder text) {
        text.append(SegmentText.of("NTE").field(1, "1").field(3, ResultWords.NOTICE));
        if (report.supersedes() != null && !withdrawn) {
            text.append(SegmentText.of("NTE").field(1, "2").field(3, "Corrects the AI result " + report.supersedes()));
        }
        switch (report.finding()) {
            case Finding.Analyzed a -> analyzed(text, a);
            case Finding.NotAnalyzed _ -> notAnalyzed(text);
        }
        text.append(observation("ST", "study-uid", "Study Instance UID", "110180", "Study Instance UID", "DCM")
                .field(5, value(report.finding().studyUid().value())));
        mask(text);
        if (pdf) {
            text.append(pdf());
        }
        text.append(
                observation("TX", "ai-statement", "AI statement", "", "", "").field(5, value(statement())));
    }

    private void analyzed(StringBuilder text, Finding.Analyzed a) {
        String abnormal = a.positive() ? "AA" : "N";
        FindingNumbers numbers = FindingNumbers.of(a);
        text.append(observation("CWE", "ich-flag", "Suspicion of intracranial hemorrhage", "121071", "Finding", "DCM")
                .field(5, flag(a))
                .field(8, value(abnormal)));
        text.append(observation("NM", "ich-probability", "Probability of intracranial hemorrhage", "", "", "")
                .field(5, value(numbers.probability().toPlainString()))
                .field(6, "1", "", "UCUM")
                .field(7, value("<" + numbers.threshold().toPlainString()))
                .field(8, value(a.positive() ? "A" : "N")));
        SegmentText volume = observation("NM", "ich-volume", "Intracranial blood volume", "118565006", "Volume", "SCT")
                .field(6, "mL", "", "UCUM");
        if (numbers.volumeMl() != null) {
            volume.field(5, value(numbers.volumeMl().toPlainString()));
        } else if (!withdrawn) {
            volume.field(11, "X");
        }
        text.append(volume);
    }

    private void notAnalyzed(StringBuilder text) {
        text.append(observation("CWE", "ich-flag", "Suspicion of intracranial hemorrhage", "121071", "Finding", "DCM"));
        text.append(observation("NM", "ich-probability", "Probability of intracranial hemorrhage", "", "", "")
                .field(6, "1", "", "UCUM"));
        text.append(observation("NM", "ich-volume", "Intracranial blood volume", "118565006", "Volume", "SCT")
                .field(6, "mL", "", "UCUM"));
    }

    private String[] flag(Finding.Analyzed a) {
        if (withdrawn) {
            return new String[0];
        }
        return a.positive()
                ? new String[] {"suspected", ResultWords.SUSPECTED, LOCAL}
                : new String[] {"not-suspected", ResultWords.NOT_SUSPECTED, LOCAL};
    }

    /**
     * RP: the SEG's SOP Instance UID as pointer; HL7 tables 0191 (Application) and 0291 (DICOM). Empty with X when the archive does not take
     * it: the pointer that an earlier message gave is no longer one.
     */
    private void mask(StringBuilder text) {
        if (report.mask() != null) {
            text.append(observation("RP", "ich-mask", "Mask of suspected blood", "121191", "Referenced Segment", "DCM")
                    .field(
                            5,
                            withdrawn || maskRefused
                                    ? new String[0]
                                    : new String[] {report.mask().sopInstanceUid(), SYSTEM, "Application", "DICOM"}));
        }
    }

    /** ED: HL7 tables 0191 (Application) and 0299 (Base64); the subtype is PDF as IHE Results Distribution has it. */
    private SegmentText pdf() {
        SegmentText obx = observation("ED", "ai-report", "AI report", "", "", "");
        return withdrawn
                ? obx
                : obx.field(
                        5,
                        SYSTEM,
                        "Application",
                        "PDF",
                        "Base64",
                        Base64.getEncoder().encodeToString(ReportPdf.write(report, statement(), time)));
    }

    private String statement() {
        StringBuilder text = new StringBuilder(ResultWords.sentence(report)).append(". ");
        List<String> notes = !withdrawn && report.finding() instanceof Finding.Analyzed a
                ? ImageNotes.of(a, report.facts())
                : List.of();
        if (!notes.isEmpty()) {
            text.append("About the images: ").append(String.join(", ", notes)).append(". ");
        }
        if (maskRefused) {
            text.append("The outline is not in the archive; the finding stands. ");
        }
        return text.append(ResultWords.NOTICE)
                .append(" Model ")
                .append(report.model().id())
                .append(' ')
                .append(report.model().version())
                .append('.')
                .toString();
    }

    private SegmentText observation(
            String type, String code, String text, String altCode, String altText, String altSystem) {
        return SegmentText.of("OBX")
                .field(1, String.valueOf(next++))
                .field(2, type)
                .field(3, code, text, LOCAL, altCode, altText, altSystem)
                .field(4, "1")
                .field(11, status(code))
                .field(14, time.apply(report.facts().acquiredAt()))
                .field(15, SYSTEM)
                .field(17, "BloodNet", "AI algorithm", LOCAL)
                .field(18, report.model().id() + "-" + report.model().version(), SYSTEM)
                .field(23, SYSTEM);
    }

    /** Table 0085: W wrong patient, X could not be obtained, else P. Never F; C only follows an F. */
    private String status(String code) {
        if (withdrawn) {
            return "W";
        }
        if (maskRefused && code.equals("ich-mask")) {
            return "X";
        }
        boolean result = List.of("ich-flag", "ich-probability", "ich-volume").contains(code);
        return result && !known ? "X" : "P";
    }

    /** What was withdrawn is not said again. */
    private String[] value(String text) {
        return withdrawn ? new String[0] : new String[] {text};
    }
}
