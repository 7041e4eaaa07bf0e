package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.hl7.fhir.r4.model.Identifier;
import org.jspecify.annotations.Nullable;

/** Picks from FHIR identifiers the ones that name a study, an order or a patient. */
final class Identifiers {

    private static final String TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203";
    private static final String DICOM_UID = "urn:dicom:uid";
    private static final String OID = "urn:oid:";

    private Identifiers() {}

    /** The Study Instance UID: system {@code urn:dicom:uid} (FHIR R4 ImagingStudy), with or without {@code urn:oid:} in front. */
    static @Nullable StudyUid studyUid(List<Identifier> identifiers) {
        return identifiers.stream()
                .filter(i -> DICOM_UID.equals(i.getSystem()) && i.hasValue())
                .map(i -> i.getValue().startsWith(OID) ? i.getValue().substring(OID.length()) : i.getValue())
                .filter(StudyUid::isUid)
                .findFirst()
                .map(StudyUid::new)
                .orElse(null);
    }

    /** The accession number: type ACSN. One that DICOM could not hold is passed over. */
    static @Nullable AccessionNumber accession(List<Identifier> identifiers) {
        return identifiers.stream()
                .filter(i -> hasType(i, "ACSN") && i.hasValue())
                .flatMap(i -> accession(i.getValue()).stream())
                .findFirst()
                .orElse(null);
    }

    /** The identifier of this type as text of at most 64 characters, null when there is none. */
    static @Nullable String number(List<Identifier> identifiers, String type) {
        return identifiers.stream()
                .filter(i -> hasType(i, type) && i.hasValue() && i.getValue().length() <= 64)
                .map(Identifier::getValue)
                .findFirst()
                .orElse(null);
    }

    /**
     * The patient's identifier: of a system that the site listed, else a medical record number, else the first one that may be used. The
     * assigner is the one that the site listed for the system; else none, so that HL7's and FHIR's names for one authority cannot clash.
     */
    static Optional<PatientId> patient(List<Identifier> identifiers, FhirConfig.Naming naming) {
        Map<String, String> systems = naming.patientSystems();
        List<Predicate<Identifier>> preferences = List.of(
                i -> i.hasSystem() && systems.containsValue(i.getSystem()),
                i -> hasType(i, "MR"),
                i -> i.getUse() == Identifier.IdentifierUse.OFFICIAL || i.getUse() == Identifier.IdentifierUse.USUAL,
                i -> i.getUse() != Identifier.IdentifierUse.OLD && i.getUse() != Identifier.IdentifierUse.TEMP);
        for (Predicate<Identifier> preference : preferences) {
            Optional<PatientId> found = identifiers.stream()
                    .filter(i -> i.hasValue() && i.getValue().strip().length() <= PatientId.LENGTH_MAX)
                    .filter(preference)
                    .flatMap(i -> patientId(i, systems).stream())
                    .findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<PatientId> patientId(Identifier identifier, Map<String, String> systems) {
        String assigner = systems.entrySet().stream()
                .filter(e -> e.getValue().equals(identifier.getSystem()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
        try {
            return Optional.of(new PatientId(identifier.getValue(), assigner));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<AccessionNumber> accession(String value) {
        try {
            return Optional.of(new AccessionNumber(value));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean hasType(Identifier identifier, String code) {
        return identifier.getType().getCoding().stream()
                .anyMatch(c -> code.equals(c.getCode()) && (!c.hasSystem() || TYPES.equals(c.getSystem())));
    }
}
