package io.bloodnet.imaging.order;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How other systems code that there is, or is not, intracranial hemorrhage. Only codes are understood: what a report says in words is never
 * guessed at.
 */
public final class HemorrhageCodes {

    /** SNOMED CT "Intracranial hemorrhage (disorder)": as a value a yes, as a question to be answered. */
    public static final String HEMORRHAGE = "1386000";

    /**
     * ICD-10 I60 to I62 (not traumatic) and S06.4 to S06.6 (epidural, subdural, subarachnoid after an injury), with or without dot, also as
     * ICD-10-CM writes them; not the sequelae (seventh character S), which are no bleeding of today.
     */
    private static final Pattern ICD10 = Pattern.compile("I6[0-2](\\.?[0-9A-Z]{1,4})?|S06\\.?[4-6](X([0-9A][AD]?)?)?");

    private HemorrhageCodes() {}

    /** Whether a coded finding or diagnosis is intracranial hemorrhage. */
    public static boolean names(String code) {
        String upper = code.toUpperCase(Locale.ROOT);
        return upper.equals(HEMORRHAGE) || ICD10.matcher(upper).matches();
    }

    /**
     * A coded answer to the question of {@link #HEMORRHAGE}: HL7 table 0136, SNOMED CT present and absent, detected and not detected, v3
     * ObservationInterpretation POS and NEG.
     *
     * @return null for everything else
     */
    public static @Nullable Boolean answer(String code) {
        return switch (code.toUpperCase(Locale.ROOT)) {
            case "Y", "52101004", "260373001", "POS" -> true;
            case "N", "2667000", "260415000", "NEG" -> false;
            default -> null;
        };
    }
}
