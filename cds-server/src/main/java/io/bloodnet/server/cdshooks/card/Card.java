package io.bloodnet.server.cdshooks.card;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A card before it is written as JSON (CDS Hooks 2.0.1, "Card Attributes").
 *
 * @param uuid what feedback refers to
 * @param topic what it is about, for suppression and statistics
 * @param indicator how urgent
 * @param summary one line of less than {@value #SUMMARY_CHARS_LIMIT} characters
 * @param detail GitHub Flavored Markdown
 * @param suggestion the one thing that is offered to be done; null when nothing is
 * @param overrideReasons why one may not follow it; not empty
 * @param links where to look
 */
public record Card(
        UUID uuid,
        CardTopic topic,
        Indicator indicator,
        String summary,
        String detail,
        @Nullable Suggestion suggestion,
        List<OverrideReason> overrideReasons,
        List<Link> links) {

    /** The summary must be shorter. */
    static final int SUMMARY_CHARS_LIMIT = 140;

    public Card {
        overrideReasons = List.copyOf(overrideReasons);
        links = List.copyOf(links);
        if (summary.isBlank() || summary.length() >= SUMMARY_CHARS_LIMIT) {
            throw new IllegalArgumentException(
                    "summary has " + summary.length() + " characters, must have 1 to " + (SUMMARY_CHARS_LIMIT - 1));
        }
        if (detail.isBlank() || overrideReasons.isEmpty()) {
            throw new IllegalArgumentException("a card needs a detail and override reasons");
        }
    }

    /** What is offered. */
    public record Suggestion(UUID uuid, String label, Action action) {}

    /** What accepting a suggestion does in the EHR. */
    sealed interface Action {}

    /** Creates a draft Task for the team. */
    public record CreateTask(
            String description,
            String patientReference,
            @Nullable String encounterReference) implements Action {}

    /** Deletes a draft. {@code reference} is relative, such as {@code MedicationRequest/1}. */
    public record DeleteDraft(String description, String reference) implements Action {}

    /** Where to look. */
    public sealed interface Link {
        String label();

        String url();
    }

    /** A page to open as it is. */
    public record AbsoluteLink(String label, String url) implements Link {}

    /** An app to launch by SMART; {@code appContext} is handed over by the EHR. */
    public record SmartLink(String label, String url, String appContext) implements Link {}
}
