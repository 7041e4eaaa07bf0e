package io.bloodnet.fhir.resultout;

import io.bloodnet.audit.About;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.fhir.StudyIdentifiers;
import io.bloodnet.fhir.ehr.EhrBase;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.PatientRecords;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.Patient.Sex;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.jspecify.annotations.Nullable;

/**
 * Finds in the EHR whom and what an order and its report belong to, and refuses to guess: what the EHR holds is compared with the order and with the
 * images, and a contradiction files nothing. Every answer is checked against what was asked, since servers ignore parameters that they do
 * not know.
 */
final class FilingLookup {

    /** What came out. */
    sealed interface Result {
        /** It belongs here. */
        record Found(Filing filing) implements Result {}

        /** It belongs nowhere that we could be sure of; a person decides. */
        record Mismatch(String code) implements Result {}
    }

    /**
     * What is looked for.
     *
     * @param facts what the images say, {@link StudyFacts#unknown()} before they were read
     */
    record Sought(String jobId, ImagingOrder order, StudyUid study, StudyFacts facts) {
        static Sought of(FindingReport report) {
            return new Sought(report.jobId(), report.order(), report.key().studyUid(), report.facts());
        }

        /** Whom reads are about, for the audit log. */
        About about() {
            AccessionNumber accession = order.key().accession();
            return About.job(jobId)
                    .withStudyUid(study.value())
                    .withAccessionNumber(accession == null ? null : accession.value())
                    .withPatientId(order.patient().id().value());
        }
    }

    private static final class Contradiction extends RuntimeException {
        private final String code;

        Contradiction(String code) {
            super(code, null, false, false);
            this.code = code;
        }
    }

    private final EhrClient ehr;
    private final FhirConfig.Naming naming;
    private final boolean withoutPatient;

    FilingLookup(EhrClient ehr, FhirConfig.Naming naming, boolean withoutPatient) {
        this.ehr = ehr;
        this.naming = naming;
        this.withoutPatient = withoutPatient;
    }

    /** Looks it all up. @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now */
    Result find(Sought sought, Purpose purpose) {
        try {
            Optional<Patient> patient = patient(sought, purpose);
            if (patient.isEmpty() && !withoutPatient) {
                return new Result.Mismatch("patient-unknown");
            }
            Reference subject = patient.map(FilingLookup::literal)
                    .orElseGet(() -> logical(sought.order().patient().id()));
            Optional<ServiceRequest> order = order(sought, subject, purpose);
            Reference encounter = encounter(sought, order);
            return new Result.Found(new Filing(
                    subject,
                    encounter,
                    order.map(FilingLookup::literal).orElseGet(() -> logicalOrder(sought)),
                    study(sought, subject, purpose).map(FilingLookup::literal).orElse(null)));
        } catch (Contradiction e) {
            return new Result.Mismatch(e.code);
        }
    }

    /** The record in use: one that another took the place of leads there. */
    private Optional<Patient> patient(Sought sought, Purpose purpose) {
        Optional<Patient> found = knownPatient(sought, purpose)
                .or(() -> searchedPatient(sought, purpose))
                .map(record -> PatientRecords.current(ehr, record, purpose)
                        .orElseThrow(() -> new Contradiction("patient-replaced-by-unknown")));
        found.ifPresent(patient -> {
            requireSamePerson(patient, sought.order().patient(), "patient-differs-from-order");
            if (sought.facts().patient() != null) {
                requireSamePerson(patient, sought.facts().patient(), "patient-differs-from-images");
            }
        });
        return found;
    }

    /** The EHR told us its own id when it placed the order; it must still carry the identifier that the order has. */
    private Optional<Patient> knownPatient(Sought sought, Purpose purpose) {
        String reference = sought.order().ehr().patient();
        Optional<EhrBase.ResourceId> id =
                reference == null ? Optional.empty() : ehr.base().resourceOf(reference);
        Optional<Patient> patient = id.flatMap(known -> ehr.read(Patient.class, known, purpose));
        if (patient.isPresent()
                && !carries(patient.get(), sought.order().patient().id())) {
            throw new Contradiction("patient-identifier-differs");
        }
        return patient;
    }

    private Optional<Patient> searchedPatient(Sought sought, Purpose purpose) {
        PatientId id = sought.order().patient().id();
        String system = system(id);
        String value = EhrClient.escape(id.value());
        String token = system == null ? value : EhrClient.escape(system) + "|" + value;
        List<Patient> found = ehr.search(Patient.class, Map.of("identifier", token), purpose).stream()
                .filter(patient -> carries(patient, id))
                .toList();
        List<Patient> inUse =
                found.stream().filter(p -> !PatientRecords.isReplaced(p)).toList();
        if (inUse.size() > 1 || inUse.isEmpty() && found.size() > 1) {
            throw new Contradiction("patient-ambiguous");
        }
        return Stream.concat(inUse.stream(), found.stream()).findFirst();
    }

    private boolean carries(Patient patient, PatientId id) {
        return PatientNumber.anyIs(PatientRecords.numbers(patient.getIdentifier()), id, naming.patientSystems());
    }

    private @Nullable String system(PatientId id) {
        return id.assigner() == null ? null : naming.patientSystems().get(id.assigner());
    }

    private static void requireSamePerson(Patient ehr, io.bloodnet.imaging.order.Patient ours, String code) {
        String written = ehr.getBirthDateElement().getValueAsString();
        LocalDate birth = written != null && written.length() == 10 ? LocalDate.parse(written) : null;
        boolean otherBirth = birth != null && ours.birthDate() != null && !birth.equals(ours.birthDate());
        Sex sex = sex(ehr.getGender());
        boolean sure = certain(sex) && certain(ours.sex());
        if (otherBirth || sure && sex != ours.sex()) {
            throw new Contradiction(code);
        }
    }

    private static boolean certain(Sex sex) {
        return sex == Sex.FEMALE || sex == Sex.MALE;
    }

    private static Sex sex(@Nullable AdministrativeGender gender) {
        return gender == AdministrativeGender.FEMALE
                ? Sex.FEMALE
                : gender == AdministrativeGender.MALE ? Sex.MALE : Sex.UNKNOWN;
    }

    private Optional<ServiceRequest> order(Sought sought, Reference subject, Purpose purpose) {
        Optional<ServiceRequest> found = knownOrder(sought, purpose).or(() -> searchedOrder(sought, subject, purpose));
        found.ifPresent(order -> requireSubject(order.getSubject(), subject, "order-of-another-patient", purpose));
        return found;
    }

    private Optional<ServiceRequest> knownOrder(Sought sought, Purpose purpose) {
        String reference = sought.order().ehr().serviceRequest();
        return Optional.ofNullable(reference)
                .flatMap(ehr.base()::resourceOf)
                .flatMap(id -> ehr.read(ServiceRequest.class, id, purpose));
    }

    private Optional<ServiceRequest> searchedOrder(Sought sought, Reference subject, Purpose purpose) {
        AccessionNumber accession = sought.order().key().accession();
        if (accession == null) {
            return Optional.empty();
        }
        List<ServiceRequest> found = ehr
                .search(ServiceRequest.class, Map.of("identifier", EhrClient.escape(accession.value())), purpose)
                .stream()
                .filter(order -> order.getIdentifier().stream().anyMatch(i -> isAccession(i, accession)))
                .toList();
        Optional<ServiceRequest> ofPatient = found.stream()
                .filter(order -> sameSubject(order.getSubject(), subject, purpose))
                .findFirst();
        return ofPatient.isPresent() ? ofPatient : found.stream().findFirst();
    }

    /** Placer and filler numbers are identifiers too: an identifier that says it is something else does not count. */
    private static boolean isAccession(Identifier identifier, AccessionNumber accession) {
        boolean otherKind = identifier.getType().getCoding().stream()
                .anyMatch(c -> Code.ACCESSION.system().equals(c.getSystem())
                        && !Code.ACCESSION.code().equals(c.getCode()));
        return accession.value().equals(identifier.getValue()) && !otherKind;
    }

    /** The EHR's own ImagingStudy: the one that it told us of, else by the UID in each of the forms in which EHRs write it. */
    private Optional<ImagingStudy> study(Sought sought, Reference subject, Purpose purpose) {
        List<ImagingStudy> found = knownStudy(sought, purpose);
        for (String token : StudyIdentifiers.tokens(sought.study())) {
            if (found.isEmpty()) { // one by one: not every server takes a list
                found = ehr.search(ImagingStudy.class, Map.of("identifier", token), purpose).stream()
                        .filter(study -> isOf(sought.study(), study))
                        .toList();
            }
        }
        found.forEach(study -> requireSubject(study.getSubject(), subject, "study-of-another-patient", purpose));
        return found.stream().findFirst();
    }

    private List<ImagingStudy> knownStudy(Sought sought, Purpose purpose) {
        return Optional.ofNullable(sought.order().ehr().imagingStudy())
                .flatMap(ehr.base()::resourceOf)
                .flatMap(id -> ehr.read(ImagingStudy.class, id, purpose))
                .filter(study -> isOf(sought.study(), study))
                .stream()
                .toList();
    }

    private static boolean isOf(StudyUid uid, ImagingStudy study) {
        return uid.equals(StudyIdentifiers.uid(study.getIdentifier()));
    }

    private static @Nullable Reference encounter(Sought sought, Optional<ServiceRequest> order) {
        if (order.isPresent() && order.get().getEncounter().hasReference()) {
            return new Reference(order.get().getEncounter().getReference());
        }
        String known = sought.order().ehr().encounter();
        return known == null ? null : new Reference(known);
    }

    private void requireSubject(Reference theirs, Reference ours, String code, Purpose purpose) {
        if (theirs.hasReference() && ours.hasReference() && !sameSubject(theirs, ours, purpose)) {
            throw new Contradiction(code);
        }
    }

    /** One record, or theirs is one whose place ours has taken. */
    private boolean sameSubject(Reference theirs, Reference ours, Purpose purpose) {
        if (!theirs.hasReference() || !ours.hasReference()) {
            return false;
        }
        Optional<EhrBase.ResourceId> a = ehr.base().resourceOf(theirs.getReference());
        Optional<EhrBase.ResourceId> b = ehr.base().resourceOf(ours.getReference());
        return a.equals(b)
                || a.filter(id -> id.type().equals("Patient"))
                        .flatMap(id -> ehr.read(Patient.class, id, purpose))
                        .flatMap(record -> PatientRecords.current(ehr, record, purpose))
                        .map(record -> new EhrBase.ResourceId(
                                "Patient", record.getIdElement().getIdPart()))
                        .equals(b);
    }

    private Reference logical(PatientId id) {
        Identifier identifier = new Identifier().setSystem(system(id)).setValue(id.value());
        return new Reference().setType("Patient").setIdentifier(identifier);
    }

    private static @Nullable Reference logicalOrder(Sought sought) {
        AccessionNumber accession = sought.order().key().accession();
        if (accession == null) {
            return null;
        }
        Identifier identifier = new Identifier()
                .setType(new CodeableConcept(Code.ACCESSION.coding()))
                .setValue(accession.value());
        return new Reference().setType("ServiceRequest").setIdentifier(identifier);
    }

    private static Reference literal(org.hl7.fhir.r4.model.Resource resource) {
        return new Reference(resource.fhirType() + "/" + resource.getIdElement().getIdPart());
    }
}
