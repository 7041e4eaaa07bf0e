package io.bloodnet.server.cdshooks.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.fhir.PatientNumber;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the Patient that an EHR sent along: by what numbers and records it knows the person. */
final class PatientJson {

    private static final int VALUE_CHARS_MAX = 64;
    private static final int URI_CHARS_MAX = 255;
    private static final Set<String> MERGED = Set.of("replaced-by", "replaces");
    private static final Pattern REFERENCE =
            Pattern.compile("Patient/([A-Za-z0-9\\-.]{1,64})(/_history/[A-Za-z0-9\\-.]{1,64})?");

    private PatientJson() {}

    /**
     * @param patient the prefetched resource, missing when none came
     * @param server the FHIR server that the call names; null for none
     */
    static EhrPatient read(JsonNode patient, String patientId, @Nullable String server) {
        if (patient.isMissingNode()) {
            return new EhrPatient(patientId, Set.of(), server, List.of());
        }
        // another patient's chart must not show this one's card
        if (!patient.path("resourceType").asText().equals("Patient")
                || !patient.path("id").asText(patientId).equals(patientId)) {
            throw RequestException.bad("prefetch.patient must be the Patient of context.patientId");
        }
        return new EhrPatient(patientId, merged(patient), server, numbers(patient));
    }

    private static List<PatientNumber> numbers(JsonNode patient) {
        List<PatientNumber> found = new ArrayList<>();
        for (JsonNode identifier : patient.path("identifier")) {
            String value = identifier.path("value").asText("").strip();
            String system = identifier.path("system").asText("").strip();
            boolean old = identifier.path("use").asText().equals("old");
            boolean usable = !value.isEmpty() && value.length() <= VALUE_CHARS_MAX && system.length() <= URI_CHARS_MAX;
            if (usable && !old && found.size() < EhrPatient.IDENTIFIERS_MAX) {
                found.add(new PatientNumber(system.isEmpty() ? null : system, value, kind(identifier.path("type"))));
            }
        }
        return found;
    }

    private static PatientNumber.Kind kind(JsonNode type) {
        List<PatientNumber.TypeCode> codes = new ArrayList<>();
        for (JsonNode coding : type.path("coding")) {
            if (coding.path("code").isTextual()) {
                JsonNode system = coding.path("system");
                codes.add(new PatientNumber.TypeCode(
                        system.isTextual() ? system.asText() : null,
                        coding.path("code").asText()));
            }
        }
        return PatientNumber.kind(codes, type.path("text").asText(""));
    }

    /** References to other servers say nothing: their ids are not the EHR's. */
    private static Set<String> merged(JsonNode patient) {
        Set<String> ids = new HashSet<>();
        for (JsonNode link : patient.path("link")) {
            Matcher reference =
                    REFERENCE.matcher(link.path("other").path("reference").asText(""));
            if (MERGED.contains(link.path("type").asText())
                    && reference.matches()
                    && ids.size() < EhrPatient.IDENTIFIERS_MAX) {
                ids.add(reference.group(1));
            }
        }
        return ids;
    }
}
