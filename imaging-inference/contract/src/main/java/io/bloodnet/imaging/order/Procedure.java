package io.bloodnet.imaging.order;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was ordered (HL7 OBR-4, FHIR procedureCode): all codings that the source gave, the order's own first.
 *
 * @param codings 0 to {@value #CODINGS_MAX} codings
 */
public record Procedure(List<Coding> codings) {

    /** Most codings kept of one procedure. */
    public static final int CODINGS_MAX = 8;

    /** Copies the list. @throws IllegalArgumentException when there are too many codings */
    public Procedure {
        codings = List.copyOf(codings);
        if (codings.size() > CODINGS_MAX) {
            throw new IllegalArgumentException(
                    "procedure has " + codings.size() + " codings, the limit is " + CODINGS_MAX);
        }
    }

    /**
     * One code.
     *
     * @param code the code itself
     * @param display text beside the code, null when absent
     * @param system HL7 table 0396 name ({@code LN}, {@code L}) or a FHIR system URI, null when absent
     */
    public record Coding(
            String code, @Nullable String display, @Nullable String system) {}

    /** Nothing was said. */
    public static Procedure unknown() {
        return new Procedure(List.of());
    }

    /** Whether any coding's code is in the list. */
    public boolean isAnyOf(java.util.Collection<String> codes) {
        return codings.stream().anyMatch(c -> codes.contains(c.code()));
    }
}
