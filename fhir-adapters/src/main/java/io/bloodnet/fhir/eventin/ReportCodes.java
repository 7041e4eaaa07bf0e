package io.bloodnet.fhir.eventin;

import io.bloodnet.imaging.order.HemorrhageCodes;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/** What the codes of a report say of hemorrhage. A code counts only in a code system that we know: the same letters mean other things elsewhere. */
final class ReportCodes {

    private static final Set<String> SNOMED = Set.of("http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96");
    /** ICD-10 of WHO and its national modifications, which share the codes that we know. */
    private static final Set<String> ICD10 = Set.of(
            "http://hl7.org/fhir/sid/icd-10",
            "http://hl7.org/fhir/sid/icd-10-cm",
            "http://hl7.org/fhir/sid/icd-10-us",
            "http://hl7.org/fhir/sid/icd-10-am",
            "http://hl7.org/fhir/sid/icd-10-de",
            "http://hl7.org/fhir/sid/icd-10-nl",
            "http://fhir.de/codesystem/bfarm/icd-10-gm",
            "http://fhir.de/codesystem/dimdi/icd-10-gm",
            "http://fhir.ch/ig/ch-term/codesystem/icd-10-gm",
            "urn:oid:2.16.840.1.113883.6.3",
            "urn:oid:2.16.840.1.113883.6.90");

    private static final Set<String> ANSWERS = Set.of(
            "http://terminology.hl7.org/codesystem/v2-0136",
            "http://terminology.hl7.org/codesystem/v2-0078",
            "http://terminology.hl7.org/codesystem/v3-observationinterpretation",
            "http://hl7.org/fhir/v2/0136",
            "http://hl7.org/fhir/v2/0078",
            "http://hl7.org/fhir/v3/observationinterpretation",
            "urn:oid:2.16.840.1.113883.12.136",
            "urn:oid:2.16.840.1.113883.12.78",
            "urn:oid:2.16.840.1.113883.5.83");

    private ReportCodes() {}

    /** Whether one of the codings is a hemorrhage as diagnosis or finding. */
    static boolean name(CodeableConcept concept) {
        return codings(concept)
                .anyMatch(c -> HemorrhageCodes.names(c.getCode())
                        && (isSnomed(c) ? HemorrhageCodes.HEMORRHAGE.equals(c.getCode()) : isIn(ICD10, c)));
    }

    /** Whether the concept asks for intracranial hemorrhage. */
    static boolean ask(CodeableConcept concept) {
        return codings(concept).anyMatch(c -> isSnomed(c) && HemorrhageCodes.HEMORRHAGE.equals(c.getCode()));
    }

    /** The answer that these concepts give, null when they give none or contradict each other. */
    static @Nullable Boolean answer(Stream<CodeableConcept> concepts) {
        List<Boolean> said = concepts.flatMap(ReportCodes::codings)
                .filter(c -> isSnomed(c) || isIn(ANSWERS, c))
                .map(c -> HemorrhageCodes.answer(c.getCode()))
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        return said.size() == 1 ? said.getFirst() : null;
    }

    private static Stream<Coding> codings(CodeableConcept concept) {
        return concept.getCoding().stream().filter(Coding::hasCode).filter(Coding::hasSystem);
    }

    private static boolean isSnomed(Coding coding) {
        return isIn(SNOMED, coding);
    }

    private static boolean isIn(Set<String> systems, Coding coding) {
        return systems.contains(coding.getSystem().strip().toLowerCase(Locale.ROOT));
    }
}
