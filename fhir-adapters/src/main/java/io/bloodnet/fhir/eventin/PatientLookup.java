package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.PatientRecords;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.jspecify.annotations.Nullable;

/** Whom an event is about, as the EHR knows them. */
final class PatientLookup {

    private final EhrClient ehr;
    private final FhirConfig.Naming naming;

    PatientLookup(EhrClient ehr, FhirConfig.Naming naming) {
        this.ehr = ehr;
        this.naming = naming;
    }

    /**
     * A patient of the EHR.
     *
     * @param alsoKnownAs all numbers of the same kind that the EHR has for the person, see {@link Identifiers#alsoKnownAs}
     * @param reference of the record in use, {@code Patient/1}; null when only an identifier was written
     */
    record Found(
            Patient patient,
            List<PatientId> alsoKnownAs,
            @Nullable String reference) {

        /** Whether both can be one person. */
        boolean isOneWith(Found other) {
            return numbers().anyMatch(a -> other.numbers().anyMatch(a::matches));
        }

        private Stream<PatientId> numbers() {
            return Stream.concat(Stream.of(patient.id()), alsoKnownAs.stream());
        }

        /** The key of a message about that person. */
        OrderKey about(OrderKey key) {
            return key.about(patient.id(), alsoKnownAs);
        }
    }

    /**
     * The patient that a subject names: read from the EHR, else by the identifier written beside the reference. A record that another took
     * the place of leads there. Empty when neither tells, or when the way from record to record cannot be followed. A reference to another
     * server is not followed.
     *
     * @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now
     */
    Optional<Found> find(Reference subject, Purpose purpose) {
        Optional<ResourceId> id = subject.hasReference()
                ? ehr.base()
                        .resourceOf(subject.getReference())
                        .filter(r -> r.type().equals("Patient"))
                : Optional.empty();
        Optional<org.hl7.fhir.r4.model.Patient> named =
                id.flatMap(known -> ehr.read(org.hl7.fhir.r4.model.Patient.class, known, purpose));
        if (named.isPresent() && PatientRecords.isReplaced(named.get())) {
            return PatientRecords.current(ehr, named.get(), purpose).flatMap(record -> found(record, named.get()));
        }
        return named.flatMap(record -> found(record, record))
                .or(() -> beside(subject)
                        .map(p -> new Found(
                                p, List.of(), id.map(ResourceId::reference).orElse(null))));
    }

    private Optional<Found> found(org.hl7.fhir.r4.model.Patient record, org.hl7.fhir.r4.model.Patient before) {
        List<Identifier> all = new ArrayList<>(record.getIdentifier());
        if (record != before) {
            all.addAll(before.getIdentifier());
        }
        return patient(record, before)
                .map(known -> new Found(known, Identifiers.alsoKnownAs(all, naming), reference(record)));
    }

    private static String reference(org.hl7.fhir.r4.model.Patient record) {
        return "Patient/" + record.getIdElement().getIdPart();
    }

    private Optional<Patient> beside(Reference subject) {
        return subject.hasIdentifier()
                ? Identifiers.patient(List.of(subject.getIdentifier()), naming).map(Patient::known)
                : Optional.empty();
    }

    /** @param before the record that we were told of: a number that both have goes on */
    private Optional<Patient> patient(org.hl7.fhir.r4.model.Patient theirs, org.hl7.fhir.r4.model.Patient before) {
        Optional<PatientId> id = Identifiers.patient(before.getIdentifier(), naming)
                .filter(known -> bothHave(known.value(), before.getIdentifier(), theirs.getIdentifier()))
                .or(() -> Identifiers.patient(theirs.getIdentifier(), naming));
        HumanName name = theirs.getNameFirstRep();
        return id.map(known -> new Patient(
                known,
                name.hasFamily() ? name.getFamily() : null,
                name.hasGiven() ? name.getGivenAsSingleString() : null,
                birthDate(theirs),
                Patient.Sex.ofLetter(
                        theirs.hasGender() ? theirs.getGender().toCode().substring(0, 1) : null)));
    }

    /** Whether the same number stands in both under the same system. */
    private static boolean bothHave(String value, List<Identifier> before, List<Identifier> after) {
        return before.stream()
                .filter(a -> a.hasValue() && a.getValue().strip().equals(value))
                .anyMatch(a -> after.stream()
                        .anyMatch(b -> b.hasValue()
                                && b.getValue().strip().equals(value)
                                && Objects.equals(a.getSystem(), b.getSystem())));
    }

    private static @Nullable LocalDate birthDate(org.hl7.fhir.r4.model.Patient theirs) {
        String written = theirs.getBirthDateElement().getValueAsString();
        return written != null && written.length() == 10 ? LocalDate.parse(written) : null;
    }
}
