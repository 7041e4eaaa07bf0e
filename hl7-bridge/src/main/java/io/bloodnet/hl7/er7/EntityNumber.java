package io.bloodnet.hl7.er7;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number and who gave it (EI, HL7 v2.5.1 2.A.28): the namespace is kept as it came, so that it goes back unchanged.
 *
 * @param number EI.1
 * @param namespace EI.2 to EI.4 with {@code ^} between them ({@code RIS}, {@code RIS^1.2.3^ISO}); null when there is none
 */
public record EntityNumber(String number, @Nullable String namespace) {

    private static final String BETWEEN = "^";
    private static final String BETWEEN_AS_TEXT = "\\S\\";
    private static final int FIRST = 2;
    private static final int LAST = 4;

    /** Reads a field's first repetition; null when it holds no number. */
    public static @Nullable EntityNumber of(Er7Segment segment, int field) {
        String number = segment.text(field);
        if (number.isEmpty()) {
            return null;
        }
        StringBuilder namespace = new StringBuilder();
        int empty = 0;
        for (int component = FIRST; component <= LAST; component++) {
            String part = segment.text(field, component).replace(BETWEEN, BETWEEN_AS_TEXT);
            if (part.isEmpty()) {
                empty++;
            } else {
                namespace
                        .append(BETWEEN.repeat(namespace.isEmpty() ? empty : empty + 1))
                        .append(part);
                empty = 0;
            }
        }
        return new EntityNumber(number, namespace.isEmpty() ? null : namespace.toString());
    }

    /** Its components for writing: the number, then those of the namespace. */
    public static String[] components(@Nullable String number, @Nullable String namespace) {
        if (number == null) {
            return new String[0];
        }
        List<String> parts = namespace == null
                ? List.of()
                : Arrays.stream(namespace.split("\\^", -1))
                        .map(p -> p.replace(BETWEEN_AS_TEXT, BETWEEN))
                        .toList();
        String[] all = new String[1 + parts.size()];
        all[0] = number;
        for (int i = 0; i < parts.size(); i++) {
            all[i + 1] = parts.get(i);
        }
        return all;
    }
}
