package io.bloodnet.fhir.ehr;

import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Patient;

/** Which of the EHR's records of a person is the one in use, and by what numbers it names the person. Safe for all threads. */
public final class PatientRecords {

    /** Most records of one person that are followed from merge to merge. */
    public static final int MERGES_MAX = 5;

    private PatientRecords() {}

    /**
     * The record that took this one's place ({@code Patient.link} of type {@code replaced-by}, FHIR R4 8.1.2), through several merges; the
     * record itself when none did. Empty when the way cannot be followed to its end: a record that is not there, two that took its place, a
     * circle, another server.
     *
     * @throws EhrException when the EHR cannot be asked now
     */
    public static Optional<Patient> current(EhrClient ehr, Patient record, Purpose purpose) {
        Set<String> seen = new HashSet<>();
        Patient at = record;
        while (isReplaced(at)) {
            List<EhrBase.ResourceId> next = successors(ehr, at);
            if (next.size() != 1
                    || seen.size() >= MERGES_MAX
                    || !seen.add(next.getFirst().id())) {
                return Optional.empty();
            }
            Optional<Patient> read = ehr.read(Patient.class, next.getFirst(), purpose);
            if (read.isEmpty()) {
                return Optional.empty();
            }
            at = read.get();
        }
        return Optional.of(at);
    }

    /** Whether another record took this one's place. */
    public static boolean isReplaced(Patient record) {
        return record.getLink().stream().anyMatch(link -> link.getType() == Patient.LinkType.REPLACEDBY);
    }

    private static List<EhrBase.ResourceId> successors(EhrClient ehr, Patient record) {
        return record.getLink().stream()
                .filter(link -> link.getType() == Patient.LinkType.REPLACEDBY
                        && link.getOther().hasReference())
                .flatMap(link -> ehr.base().resourceOf(link.getOther().getReference()).stream())
                .filter(id -> id.type().equals("Patient"))
                .distinct()
                .toList();
    }

    /** The identifiers in use that have a value. */
    public static List<PatientNumber> numbers(List<Identifier> identifiers) {
        return identifiers.stream()
                .filter(i -> i.hasValue() && i.getUse() != Identifier.IdentifierUse.OLD)
                .map(i -> new PatientNumber(i.getSystem(), i.getValue().strip(), kind(i)))
                .toList();
    }

    /** What an identifier's type says. */
    public static PatientNumber.Kind kind(Identifier identifier) {
        return PatientNumber.kind(
                identifier.getType().getCoding().stream()
                        .filter(c -> c.hasCode())
                        .map(c -> new PatientNumber.TypeCode(c.getSystem(), c.getCode()))
                        .toList(),
                identifier.getType().hasText() ? identifier.getType().getText() : "");
    }
}
