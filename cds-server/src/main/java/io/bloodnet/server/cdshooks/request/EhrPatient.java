package io.bloodnet.server.cdshooks.request;

import io.bloodnet.fhir.PatientNumber;
import java.util.List;
import java.util.Set;

/**
 * How the calling EHR names a patient. Never logged.
 *
 * @param logicalId the id of the EHR's Patient resource ({@code 123} of {@code Patient/123})
 * @param mergedIds ids of the records that were merged with this one, as the Patient's links say; at most {@value #IDENTIFIERS_MAX}
 * @param identifiers the identifiers in use of the Patient that the EHR sent along, at most {@value #IDENTIFIERS_MAX}; empty when it sent none
 */
public record EhrPatient(String logicalId, Set<String> mergedIds, List<PatientNumber> identifiers) {

    /** More identifiers than this are not looked at. */
    public static final int IDENTIFIERS_MAX = 20;

    public EhrPatient {
        mergedIds = Set.copyOf(mergedIds);
        identifiers = List.copyOf(identifiers);
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "EhrPatient[" + identifiers.size() + " identifiers]";
    }
}
