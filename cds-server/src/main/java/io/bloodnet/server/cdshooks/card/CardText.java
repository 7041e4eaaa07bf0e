package io.bloodnet.server.cdshooks.card;

import io.bloodnet.imaging.finding.FindingNumbers;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The sentences of the cards. Everything that is not ours is escaped here. */
public final class CardText {

    public static final String NO_CARD_NO_EXCLUSION = "Absence of a card does not exclude ICH.";

    private static final String INTENDED_USE =
            "This is an AI result for triage, status preliminary. It was not designed to diagnose, to"
                    + " rule out hemorrhage, to tell its cause or age, or to find anything else. It is not a cleared device.";
    private static final String LIMITS = INTENDED_USE + " " + NO_CARD_NO_EXCLUSION;
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("dd MMM HH:mm 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final int MODEL_CHARS_MAX = 80;
    private static final int REASON_CHARS_MAX = 300;

    private CardText() {}

    public static String flagSummary(PatientFinding finding) {
        String time = CLOCK.format(finding.studyTime());
        return switch (finding.result()) {
            case PatientFinding.Positive _ ->
                "AI suspects intracranial hemorrhage on head CT " + time + " - NOT reviewed by radiology";
            case PatientFinding.NotAnalyzed _ ->
                "AI could not analyze the head CT " + time + " - NOT reviewed by radiology";
            case PatientFinding.Negative _ -> throw new IllegalArgumentException("a negative finding has no card");
        };
    }

    public static String flagDetail(PatientFinding finding) {
        return switch (finding.result()) {
            case PatientFinding.Positive positive -> positive(finding, positive) + "\n\n" + LIMITS;
            case PatientFinding.NotAnalyzed not ->
                "The AI model gave **no result**: " + Markdown.text(not.reason(), REASON_CHARS_MAX)
                        + ".\n\nThis is not a negative result. " + LIMITS + " Model: " + model(finding) + ".";
            case PatientFinding.Negative _ -> throw new IllegalArgumentException("a negative finding has no card");
        };
    }

    private static String positive(PatientFinding finding, PatientFinding.Positive positive) {
        FindingNumbers numbers = numbers(positive);
        return String.format(
                Locale.ROOT,
                """
                | | |
                |---|---|
                | Probability | **%s** (threshold %s) |
                | Blood volume, estimated | %s |
                | Head CT | %s |
                | Reported by AI | %s |
                | Model | %s |
                | Radiology report | none final: **not reviewed** |""",
                numbers.probability().toPlainString(),
                numbers.threshold().toPlainString(),
                numbers.volumeMl() == null
                        ? numbers.volumeText()
                        : "about " + numbers.volumeText() + " (uncertain; not a measurement)",
                time(finding),
                MINUTE.format(finding.reportedAt()),
                model(finding));
    }

    public static FindingNumbers numbers(PatientFinding.Positive positive) {
        return FindingNumbers.of(positive.probability(), positive.threshold(), positive.bloodVolumeMl());
    }

    public static String time(PatientFinding finding) {
        Instant acquired = finding.acquiredAt();
        return acquired != null
                ? MINUTE.format(acquired)
                : "time unknown, reported " + MINUTE.format(finding.reportedAt());
    }

    public static String model(PatientFinding finding) {
        return Markdown.text(finding.modelId(), MODEL_CHARS_MAX) + " "
                + Markdown.text(finding.modelVersion(), MODEL_CHARS_MAX);
    }
}
