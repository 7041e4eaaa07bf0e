package io.bloodnet.server.cdshooks.card;

import io.bloodnet.server.cdshooks.drug.DrugClass;
import java.time.LocalDate;

/**
 * What a site says about reversing a kind of drug. It comes from the site's configuration alone: which products exist, and what is advised,
 * differs by country and changes.
 *
 * @param drugClass for which drugs
 * @param text what the card says, at most {@value #TEXT_CHARS_MAX} characters, plain text
 * @param source the guideline or protocol, at most {@value #TEXT_CHARS_MAX} characters
 * @param dated the source's date; from then on it may be shown
 * @param expires the last day on which it is shown, at most {@value #YEARS_MAX} years after {@code dated}
 * @param jurisdiction where it holds, such as {@code US}; shown only where the site says that it is there
 */
public record ReversalText(
        DrugClass drugClass, String text, String source, LocalDate dated, LocalDate expires, String jurisdiction) {

    /** Longest text. */
    public static final int TEXT_CHARS_MAX = 500;
    /** An advice must be looked at again after this many years. */
    public static final int YEARS_MAX = 3;

    /** @throws IllegalArgumentException naming the key that is wrong */
    public ReversalText {
        requireText("text", text);
        requireText("source", source);
        requireText("jurisdiction", jurisdiction);
        if (!expires.isAfter(dated) || expires.isAfter(dated.plusYears(YEARS_MAX))) {
            throw new IllegalArgumentException("expires must be after dated and within " + YEARS_MAX + " years of it");
        }
    }

    /** Whether it may be shown there on that day. */
    public boolean holds(String siteJurisdiction, LocalDate today) {
        return jurisdiction.equals(siteJurisdiction) && !today.isBefore(dated) && !today.isAfter(expires);
    }

    private static void requireText(String key, String value) {
        if (value.isBlank() || value.length() > TEXT_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "reversal " + key + " has " + value.length() + " characters, must have 1 to " + TEXT_CHARS_MAX);
        }
    }
}
