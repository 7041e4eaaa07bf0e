package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.fhir.PatientNumber.Kind;
import io.bloodnet.fhir.StudyIdentifiers;
import io.bloodnet.fhir.ehr.PatientRecords;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.hl7.fhir.r4.model.Identifier;
import org.jspecify.annotations.Nullable;

/** Picks from FHIR identifiers the ones that name a study, an order or a patient. */
final class Identifiers {

    private static final String TYPES = PatientNumber.TYPES;

    /** Most numbers of one person that are compared. */
    private static final int ALSO_MAX = 20;

    private Identifiers() {}

    /** The accession number: type ACSN. One that DICOM could not hold is passed over. */
    static @Nullable AccessionNumber accession(List<Identifier> identifiers) {
        return identifiers.stream()
                .filter(i -> hasType(i, "ACSN") && i.hasValue())
                .flatMap(i -> accession(i.getValue()).stream())
                .findFirst()
                .orElse(null);
    }

    /** The identifier of this type, of at most 64 characters, null when there is none. */
    static @Nullable Identifier number(List<Identifier> identifiers, String type) {
        return identifiers.stream()
                .filter(i -> hasType(i, type) && i.hasValue() && i.getValue().length() <= 64)
                .findFirst()
                .orElse(null);
    }

    static @Nullable String value(@Nullable Identifier identifier) {
        return identifier == null ? null : identifier.getValue();
    }

    /**
     * Who gave the number, as HL7 v2.5.1 writes a system in EI.2 to EI.4 (2.A.28): {@code ^1.2.3^ISO} for an OID, {@code ^URI^URI} for any
     * other. So a number of one system is one number on both edges. Null when not said.
     */
    static @Nullable String namespace(@Nullable Identifier identifier) {
        String system = identifier == null ? null : identifier.getSystem();
        if (system == null || system.indexOf('^') >= 0) {
            return null;
        }
        String namespace = system.startsWith(StudyIdentifiers.OID)
                ? "^" + system.substring(StudyIdentifiers.OID.length()) + "^ISO"
                : "^" + system + "^URI";
        return namespace.length() > OrderKey.NAMESPACE_MAX ? null : namespace;
    }

    /**
     * The patient's identifier: of a system that the site listed, else a medical record number, else the first one that may be used; never
     * an account, a visit or an insurance. The assigner is the one that the site listed for the system; else none, so that HL7's and FHIR's
     * names for one authority cannot clash.
     */
    static Optional<PatientId> patient(List<Identifier> identifiers, FhirConfig.Naming naming) {
        return chosen(identifiers, naming).flatMap(i -> patientId(i, naming.patientSystems()));
    }

    /**
     * All numbers that the same authority gave the same person: of a record that was merged the number of both, also one that is not in use any
     * more. They tell whether a word about an order is about its patient, and never whose order it is.
     *
     * @param all identifiers of all records of one person, those of the record in use first
     */
    static List<PatientId> alsoKnownAs(List<Identifier> all, FhirConfig.Naming naming) {
        Optional<Identifier> best = chosen(all, naming).filter(Identifier::hasSystem);
        return best.stream()
                .flatMap(known -> all.stream()
                        .filter(Identifiers::isUsable)
                        .filter(i -> known.getSystem().equals(i.getSystem())
                                && PatientRecords.kind(i) == PatientRecords.kind(known)))
                .flatMap(i -> patientId(i, naming.patientSystems()).stream())
                .distinct()
                .limit(ALSO_MAX)
                .toList();
    }

    private static Optional<Identifier> chosen(List<Identifier> identifiers, FhirConfig.Naming naming) {
        Map<String, String> systems = naming.patientSystems();
        List<Predicate<Identifier>> preferences = List.of(
                i -> i.hasSystem() && systems.containsValue(i.getSystem()),
                i -> PatientRecords.kind(i) == Kind.MEDICAL_RECORD,
                i -> i.getUse() == Identifier.IdentifierUse.OFFICIAL || i.getUse() == Identifier.IdentifierUse.USUAL,
                _ -> true);
        for (Predicate<Identifier> preference : preferences) {
            Optional<Identifier> found = identifiers.stream()
                    .filter(Identifiers::names)
                    .filter(preference)
                    .filter(i -> patientId(i, systems).isPresent())
                    .findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static boolean names(Identifier identifier) {
        return isUsable(identifier) && identifier.getUse() != Identifier.IdentifierUse.OLD;
    }

    private static boolean isUsable(Identifier identifier) {
        return identifier.hasValue()
                && identifier.getValue().strip().length() <= PatientId.LENGTH_MAX
                && identifier.getUse() != Identifier.IdentifierUse.TEMP
                && PatientRecords.kind(identifier) != Kind.OTHER;
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
