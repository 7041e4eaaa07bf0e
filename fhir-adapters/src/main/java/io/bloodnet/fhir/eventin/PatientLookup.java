package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Reference;

/** Whom an event is about, as the EHR knows them. */
final class PatientLookup {

    private final EhrClient ehr;
    private final FhirConfig.Naming naming;

    PatientLookup(EhrClient ehr, FhirConfig.Naming naming) {
        this.ehr = ehr;
        this.naming = naming;
    }

    /**
     * The patient that a subject names: read from the EHR, else by the identifier written beside the reference. Empty when neither tells.
     * A reference to another server is not followed.
     *
     * @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now
     */
    Optional<Patient> find(Reference subject, Purpose purpose) {
        Optional<ResourceId> id = subject.hasReference()
                ? ehr.base()
                        .resourceOf(subject.getReference())
                        .filter(r -> r.type().equals("Patient"))
                : Optional.empty();
        Optional<Patient> read = id.flatMap(known -> ehr.read(org.hl7.fhir.r4.model.Patient.class, known, purpose))
                .flatMap(this::patient);
        return read.or(() -> beside(subject));
    }

    private Optional<Patient> beside(Reference subject) {
        return subject.hasIdentifier()
                ? Identifiers.patient(List.of(subject.getIdentifier()), naming).map(Patient::known)
                : Optional.empty();
    }

    private Optional<Patient> patient(org.hl7.fhir.r4.model.Patient theirs) {
        Optional<PatientId> id = Identifiers.patient(theirs.getIdentifier(), naming);
        HumanName name = theirs.getNameFirstRep();
        return id.map(known -> new Patient(
                known,
                name.hasFamily() ? name.getFamily() : null,
                name.hasGiven() ? name.getGivenAsSingleString() : null,
                birthDate(theirs),
                Patient.Sex.ofLetter(
                        theirs.hasGender() ? theirs.getGender().toCode().substring(0, 1) : null)));
    }

    private static @org.jspecify.annotations.Nullable LocalDate birthDate(org.hl7.fhir.r4.model.Patient theirs) {
        String written = theirs.getBirthDateElement().getValueAsString();
        return written != null && written.length() == 10 ? LocalDate.parse(written) : null;
    }
}
