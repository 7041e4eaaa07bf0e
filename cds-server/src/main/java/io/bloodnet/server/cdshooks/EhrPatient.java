package io.bloodnet.server.cdshooks;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the calling EHR names a patient. Never logged.
 *
 * @param logicalId the id of the EHR's Patient resource ({@code 123} of {@code Patient/123})
 * @param identifiers the identifiers of the Patient that the EHR sent along, at most {@value #IDENTIFIERS_MAX}; empty when it sent none
 */
public record EhrPatient(String logicalId, List<Identifier> identifiers) {

    /** More identifiers than this are not looked at. */
    public static final int IDENTIFIERS_MAX = 20;

    public EhrPatient {
        identifiers = List.copyOf(identifiers);
    }

    /** FHIR Identifier: a value, and the system that it is unique in where the EHR says so. */
    public record Identifier(@Nullable String system, String value) {
        /** Nothing that identifies. */
        @Override
        public String toString() {
            return "Identifier[...]";
        }
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "EhrPatient[" + identifiers.size() + " identifiers]";
    }
}
