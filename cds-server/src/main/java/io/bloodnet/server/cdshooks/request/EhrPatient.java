package io.bloodnet.server.cdshooks.request;

import io.bloodnet.fhir.PatientNumber;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the calling EHR names a patient. Never logged.
 *
 * @param logicalId the id of the EHR's Patient resource ({@code 123} of {@code Patient/123})
 * @param mergedIds ids of the records that were merged with this one, as the Patient's links say; at most {@value #IDENTIFIERS_MAX}
 * @param fhirServer the base URL of the server whose ids these are, as the call names it; null when it does not. Never dialled
 * @param identifiers the identifiers in use of the Patient that the EHR sent along, at most {@value #IDENTIFIERS_MAX}; empty when it sent none
 */
public record EhrPatient(
        String logicalId, Set<String> mergedIds, @Nullable String fhirServer, List<PatientNumber> identifiers) {

    /** More identifiers than this are not looked at. */
    public static final int IDENTIFIERS_MAX = 20;

    /** Of a call that names no server. */
    public EhrPatient(String logicalId, Set<String> mergedIds, List<PatientNumber> identifiers) {
        this(logicalId, mergedIds, null, identifiers);
    }

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
