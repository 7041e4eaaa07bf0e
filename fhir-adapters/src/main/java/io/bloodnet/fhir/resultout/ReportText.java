package io.bloodnet.fhir.resultout;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.ImageNotes;
import io.bloodnet.imaging.finding.ResultWords;
import io.bloodnet.imaging.finding.StudyFacts;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** What a report says to a person: the conclusion, and the page with numbers and key image. Without names or birth dates. */
final class ReportText {

    private static final String STYLE = "body{font-family:sans-serif;max-width:50em;margin:1em auto}"
            + "table{border-collapse:collapse}td{padding:.2em 1em .2em 0}.ai{border:2px solid #a60;padding:.5em}";

    private ReportText() {}

    /** The conclusion: the result, its numbers, and that this is AI and was not reviewed. */
    static String conclusion(FindingReport report) {
        boolean withdrawn = report.kind() == FindingReport.Kind.WITHDRAWN;
        StringBuilder text = new StringBuilder(ResultWords.sentence(report));
        if (!withdrawn && report.finding() instanceof Finding.Analyzed a) {
            text.append(" (").append(numbers(a)).append(')');
        }
        text.append(". ");
        if (!withdrawn && report.supersedes() != null) {
            text.append("Corrects an earlier AI result. ");
        }
        return text.append(ResultWords.NOTICE).toString();
    }

    /** The page as UTF-8: no scripts, no links, everything from outside escaped, the key image inside. */
    static byte[] html(FindingReport report) {
        StringBuilder page = new StringBuilder(4_096);
        page.append("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(ResultWords.TITLE)
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body><h1>")
                .append(ResultWords.TITLE)
                .append("</h1><p class=\"ai\">")
                .append(escape(conclusion(report)))
                .append("</p><table>");
        row(page, "Study Instance UID", report.key().studyUid().value());
        if (report.order().key().accession() != null) {
            row(page, "Accession number", report.order().key().accession().value());
        }
        row(page, "Result made at", report.issuedAt().toString());
        row(page, "Model", report.model().id() + " " + report.model().version());
        switch (report.finding()) {
            case Finding.Analyzed a -> analyzed(page, a, report.facts());
            case Finding.NotAnalyzed n -> row(page, "Detail", n.detail());
        }
        if (report.kind() == FindingReport.Kind.MASK_REFUSED) {
            row(page, "Outline as DICOM SEG", "not in the archive; the finding stands");
        }
        page.append("</table>");
        image(page, report);
        return page.append("</body></html>").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A number as people and FHIR read it, rounded half up. */
    static BigDecimal decimal(double value, int digits) {
        return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP);
    }

    private static void analyzed(StringBuilder page, Finding.Analyzed a, StudyFacts facts) {
        FindingNumbers numbers = FindingNumbers.of(a);
        row(page, "Probability of hemorrhage", numbers.probability().toPlainString());
        row(page, "Operating threshold", numbers.threshold().toPlainString());
        row(page, "Estimated blood volume", numbers.volumeText());
        Finding.VolumeRange range = a.bloodVolumeRange();
        if (range != null && numbers.volumeMl() != null) {
            row(
                    page,
                    "With the outline drawn tighter and wider",
                    FindingNumbers.millilitres(range.leastMl()) + " to " + FindingNumbers.millilitres(range.mostMl()));
        }
        row(page, "Slices analyzed", Integer.toString(a.slices().size()));
        List<String> notes = ImageNotes.of(a, facts);
        if (!notes.isEmpty()) {
            row(page, "About the images", String.join(", ", notes));
        }
    }

    private static void image(StringBuilder page, FindingReport report) {
        if (report.keyImagePng() != null && report.kind() != FindingReport.Kind.WITHDRAWN) {
            boolean outlined = report.finding() instanceof Finding.Analyzed a && a.positive();
            page.append("<figure><img alt=\"")
                    .append(
                            outlined
                                    ? "slice with the most suspected blood, outlined by the AI"
                                    : "slice chosen by the AI")
                    .append("\" src=\"data:image/png;base64,")
                    .append(Base64.getEncoder().encodeToString(report.keyImagePng()))
                    .append("\"><figcaption>")
                    .append(outlined ? "AI outline" : "Chosen by AI")
                    .append(". Not for diagnostic use.</figcaption></figure>");
        }
    }

    private static String numbers(Finding.Analyzed a) {
        FindingNumbers numbers = FindingNumbers.of(a);
        return "probability " + numbers.probability().toPlainString() + ", operating threshold "
                + numbers.threshold().toPlainString() + ", estimated blood volume " + numbers.volumeText();
    }

    private static void row(StringBuilder page, String name, String value) {
        page.append("<tr><td>")
                .append(name)
                .append("</td><td>")
                .append(escape(value))
                .append("</td></tr>");
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
