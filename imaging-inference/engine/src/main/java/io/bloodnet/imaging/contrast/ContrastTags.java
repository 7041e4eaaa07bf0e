package io.bloodnet.imaging.contrast;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the attributes of the Contrast/Bolus Module (PS3.3 C.7.6.4) tell together; each null when absent or empty. */
public final class ContrastTags {

    private static final Pattern AMOUNT =
            Pattern.compile("\\s*(\\d+(?:[.,]\\d+)?)\\s*(?:ML|CC|G|MG)?\\s*", Pattern.CASE_INSENSITIVE);

    private ContrastTags() {}

    /**
     * An amount that was given counts more than any word; the agent's name more than how it would have been given.
     *
     * @param agent (0018,0010), or the name in (0018,0012)
     * @param route (0018,1040)
     * @param ingredient (0018,1048)
     * @param amounts volume and dose (0018,1041), (0018,1044), as written
     */
    public static Says of(
            @Nullable String agent,
            @Nullable String route,
            @Nullable String ingredient,
            List<@Nullable String> amounts) {
        boolean some = amounts.stream().anyMatch(amount -> amount(amount) > 0);
        boolean zero = amounts.stream().anyMatch(amount -> amount(amount) == 0);
        Says named = ofAgent(agent);
        if (some || named == Says.GIVEN || named == Says.BOTH) {
            return Says.GIVEN;
        }
        if (named == Says.NONE || zero) {
            return Says.NONE;
        }
        return ofAgent(route).and(ofAgent(ingredient));
    }

    /** -1 for what is absent or no amount. */
    private static double amount(@Nullable String text) {
        Matcher matcher = AMOUNT.matcher(text == null ? "" : text);
        return matcher.matches() ? Double.parseDouble(matcher.group(1).replace(',', '.')) : -1;
    }

    /** What the name of an agent, route or ingredient says: any name that does not deny is one. */
    static Says ofAgent(@Nullable String text) {
        List<String> words = text == null ? List.of() : ContrastWords.words(text);
        List<String> spoken =
                words.stream().filter(word -> word.matches("\\w+")).toList();
        if (spoken.isEmpty() || Vocabulary.isNotKnown(spoken.getFirst()) && spoken.size() == 1) {
            return Says.SILENT;
        }
        if (amount(text) == 0) {
            return Says.NONE;
        }
        if (Vocabulary.isNoAgent(spoken.getFirst()) && spoken.stream().allMatch(Vocabulary::mayFollowNoAgent)) {
            return Says.NONE;
        }
        return ContrastWords.of(text) == Says.NONE ? Says.NONE : Says.GIVEN;
    }
}
