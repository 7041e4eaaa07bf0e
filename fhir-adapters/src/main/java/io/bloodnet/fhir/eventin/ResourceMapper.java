package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.About;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.StudyIdentifiers;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.jspecify.annotations.Nullable;

/** Translates what the EHR tells us, once, into our own events. Reads from the EHR what the resource only refers to. */
final class ResourceMapper {

    /** The types that mean something to us. */
    static final Set<String> TYPES = Set.of("ImagingStudy", "ServiceRequest", "DiagnosticReport");

    /** Tag of what we created ourselves. */
    private static final String MADE_HERE = "made-by-bloodnet";
    /** SNOMED CT: brain, head, head and neck, skull (DICOM CID 4). */
    private static final Set<String> HEAD_SITES = Set.of("12738006", "69536005", "774007", "89546000", "HEAD", "BRAIN");

    private final EhrClient ehr;
    private final FhirConfig config;
    private final PatientLookup patients;
    private final ReportMapper reports;
    private final InstantSource clock;

    ResourceMapper(EhrClient ehr, FhirConfig config, InstantSource clock) {
        this.ehr = ehr;
        this.config = config;
        this.patients = new PatientLookup(ehr, config.naming());
        this.reports = new ReportMapper(this, config, patients, clock);
        this.clock = clock;
    }

    /**
     * What the resource means.
     *
     * @param origin the message it came in
     * @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now
     */
    Mapped map(Resource resource, Origin origin) {
        return switch (resource) {
            case ImagingStudy study -> study(study, origin);
            case ServiceRequest request -> request(request, origin);
            case DiagnosticReport report -> reports.map(report);
            default -> Mapped.Events.notForUs("not a type of resource that we take");
        };
    }

    private Mapped study(ImagingStudy study, Origin origin) {
        if (study.getMeta().getTag().stream().anyMatch(t -> MADE_HERE.equals(t.getCode()))) {
            return Mapped.Events.notForUs("an ImagingStudy that we made ourselves");
        }
        StudyUid uid = StudyIdentifiers.uid(study.getIdentifier());
        Purpose purpose = purpose(uid, Identifiers.accession(study.getIdentifier()));
        Optional<ServiceRequest> order = order(study.getBasedOn(), purpose);
        AccessionNumber accession = accession(study.getIdentifier(), order);
        if (uid == null && accession == null) {
            return new Mapped.Unusable("The ImagingStudy names neither a Study Instance UID nor an accession number");
        }
        OrderKey key = key(uid, accession, order);
        if (study.hasModifierExtension()) {
            return Mapped.Events.notForUs("the ImagingStudy is modified by an extension that we do not know");
        }
        switch (study.getStatus() == null ? ImagingStudy.ImagingStudyStatus.UNKNOWN : study.getStatus()) {
            case CANCELLED, ENTEREDINERROR -> {
                return Mapped.Events.of(new OrderEvent.Cancelled(
                        about(key, study.getSubject(), purpose), "ImagingStudy is cancelled or entered in error"));
            }
            case REGISTERED, AVAILABLE, UNKNOWN, NULL -> {}
        }
        Procedure procedure = procedure(study.getProcedureCode(), order);
        if (!isHeadCt(study, procedure)) {
            return Mapped.Events.notForUs("neither procedure code nor modality and body site say head CT");
        }
        Optional<PatientLookup.Found> patient = patients.find(study.getSubject(), purpose);
        if (patient.isEmpty()) {
            return new Mapped.Unusable("The ImagingStudy's subject has no usable identifier");
        }
        Reference encounter = study.hasEncounter()
                ? study.getEncounter()
                : order.map(ServiceRequest::getEncounter).orElse(new Reference());
        ImagingOrder placed = new ImagingOrder(
                patient.get().about(key),
                patient.get().patient(),
                patientClass(encounter, purpose),
                null,
                procedure,
                priority(order, encounter, purpose),
                expectedInstances(study),
                order.filter(ServiceRequest::hasAuthoredOn)
                        .map(o -> o.getAuthoredOn().toInstant())
                        .orElse(clock.instant()),
                true,
                new EhrReferences(
                        patient.get().reference(),
                        relative(encounter, "Encounter"),
                        order.map(o -> "ServiceRequest/" + o.getIdElement().getIdPart())
                                .orElse(null),
                        study.hasId() ? "ImagingStudy/" + study.getIdElement().getIdPart() : null),
                origin,
                scheduledAt(order));
        return Mapped.Events.of(new OrderEvent.Placed(placed, contradiction(study, order, purpose)));
    }

    /** Why a person must decide first: the study and the order behind it are of different patients. Null when they are not. */
    private @Nullable String contradiction(ImagingStudy study, Optional<ServiceRequest> order, Purpose purpose) {
        if (order.isEmpty() || !order.get().hasSubject()) {
            return null;
        }
        Reference theirs = order.get().getSubject();
        String one = relative(study.getSubject(), "Patient");
        if (one == null || one.equals(relative(theirs, "Patient"))) {
            return null;
        }
        Optional<PatientLookup.Found> a = patients.find(study.getSubject(), purpose);
        Optional<PatientLookup.Found> b = patients.find(theirs, purpose);
        boolean same = a.isPresent() && b.isPresent() && a.get().isOneWith(b.get());
        return same ? null : "the ImagingStudy and its ServiceRequest are of different patients";
    }

    /** The key of a message about that patient: where the EHR cannot tell who that is, the key stands for itself. */
    private OrderKey about(OrderKey key, Reference subject, Purpose purpose) {
        return patients.find(subject, purpose).map(found -> found.about(key)).orElse(key);
    }

    private Mapped request(ServiceRequest request, Origin origin) {
        Procedure procedure = procedure(List.of(request.getCode()), Optional.empty());
        if (!procedure.isAnyOf(config.intake().headCtCodes())
                || request.getDoNotPerform()
                || request.hasModifierExtension()) {
            return Mapped.Events.notForUs("the order's code is not one of a head CT");
        }
        StudyUid uid = StudyIdentifiers.uid(request.getIdentifier());
        AccessionNumber accession = Identifiers.accession(request.getIdentifier());
        if (uid == null && accession == null) {
            return Mapped.Events.notForUs("the order has no accession number yet");
        }
        Purpose purpose = purpose(uid, accession);
        OrderKey key = key(uid, accession, Optional.of(request));
        switch (request.getStatus() == null ? ServiceRequest.ServiceRequestStatus.UNKNOWN : request.getStatus()) {
            case REVOKED, ENTEREDINERROR -> {
                return Mapped.Events.of(new OrderEvent.Cancelled(
                        about(key, request.getSubject(), purpose), "ServiceRequest is revoked or entered in error"));
            }
            case ONHOLD -> {
                return Mapped.Events.of(
                        new OrderEvent.Held(about(key, request.getSubject(), purpose), "ServiceRequest is on hold"));
            }
            case ACTIVE -> {}
            case DRAFT, COMPLETED, UNKNOWN, NULL -> {
                return Mapped.Events.notForUs("the order is not active");
            }
        }
        Optional<PatientLookup.Found> patient = patients.find(request.getSubject(), purpose);
        if (patient.isEmpty()) {
            return new Mapped.Unusable("The ServiceRequest's subject has no usable identifier");
        }
        ImagingOrder placed = new ImagingOrder(
                patient.get().about(key),
                patient.get().patient(),
                patientClass(request.getEncounter(), purpose),
                null,
                procedure,
                priority(Optional.of(request), request.getEncounter(), purpose),
                null,
                request.hasAuthoredOn() ? request.getAuthoredOn().toInstant() : clock.instant(),
                true,
                new EhrReferences(
                        patient.get().reference(),
                        relative(request.getEncounter(), "Encounter"),
                        request.hasId()
                                ? "ServiceRequest/" + request.getIdElement().getIdPart()
                                : null,
                        null),
                origin,
                scheduledAt(Optional.of(request)));
        return Mapped.Events.of(new OrderEvent.Placed(placed, null));
    }

    /** Reads one resource that a reference names here; empty when it names none here or there is none. */
    <T extends Resource> Optional<T> read(Class<T> type, Reference reference, Purpose purpose) {
        return Optional.ofNullable(reference.getReference())
                .flatMap(ehr.base()::resourceOf)
                .filter(id -> id.type().equals(type.getSimpleName()))
                .flatMap(id -> ehr.read(type, id, purpose));
    }

    /** The first order among these references that can be read. */
    Optional<ServiceRequest> order(List<Reference> basedOn, Purpose purpose) {
        for (Reference reference : basedOn.subList(0, Math.min(basedOn.size(), 5))) {
            Optional<ServiceRequest> order = read(ServiceRequest.class, reference, purpose);
            if (order.isPresent()) {
                return order;
            }
        }
        return Optional.empty();
    }

    static Purpose purpose(@Nullable StudyUid uid, @Nullable AccessionNumber accession) {
        About about = About.nothing()
                .withStudyUid(uid == null ? null : uid.value())
                .withAccessionNumber(accession == null ? null : accession.value());
        return new Purpose(about, "an event");
    }

    static @Nullable AccessionNumber accession(List<Identifier> own, Optional<ServiceRequest> order) {
        AccessionNumber accession = Identifiers.accession(own);
        return accession != null || order.isEmpty()
                ? accession
                : Identifiers.accession(order.get().getIdentifier());
    }

    static OrderKey key(@Nullable StudyUid uid, @Nullable AccessionNumber accession, Optional<ServiceRequest> order) {
        List<Identifier> numbers = order.map(ServiceRequest::getIdentifier).orElse(List.of());
        Identifier placer = Identifiers.number(numbers, "PLAC");
        Identifier filler = Identifiers.number(numbers, "FILL");
        return new OrderKey(
                uid,
                accession,
                Identifiers.value(placer),
                Identifiers.namespace(placer),
                Identifiers.value(filler),
                Identifiers.namespace(filler),
                null);
    }

    private boolean isHeadCt(ImagingStudy study, Procedure procedure) {
        boolean otherModality =
                study.hasModality() && study.getModality().stream().noneMatch(m -> "CT".equals(m.getCode()));
        boolean head = study.getSeries().stream()
                .map(ImagingStudy.ImagingStudySeriesComponent::getBodySite)
                .anyMatch(site ->
                        site.hasCode() && HEAD_SITES.contains(site.getCode().toUpperCase(Locale.ROOT)));
        return !otherModality && (procedure.isAnyOf(config.intake().headCtCodes()) || head);
    }

    /** Slices that are promised: those of the CT series where all of them are counted, since reports and masks fill no gap; else all. */
    private static @Nullable Integer expectedInstances(ImagingStudy study) {
        List<ImagingStudy.ImagingStudySeriesComponent> ct = study.getSeries().stream()
                .filter(series -> "CT".equals(series.getModality().getCode()))
                .toList();
        boolean counted = !ct.isEmpty()
                && ct.stream().allMatch(ImagingStudy.ImagingStudySeriesComponent::hasNumberOfInstances)
                && study.getSeries().size() >= study.getNumberOfSeries();
        int count = counted
                ? ct.stream()
                        .mapToInt(ImagingStudy.ImagingStudySeriesComponent::getNumberOfInstances)
                        .sum()
                : study.getNumberOfInstances();
        boolean promised = study.getStatus() == ImagingStudy.ImagingStudyStatus.AVAILABLE
                && count >= 1
                && count <= ImagingOrder.EXPECTED_INSTANCES_MAX;
        return promised ? count : null;
    }

    /** When the examination is planned; null when the order does not say. */
    private static @Nullable Instant scheduledAt(Optional<ServiceRequest> order) {
        return order.map(o -> o.hasOccurrenceDateTimeType()
                        ? o.getOccurrenceDateTimeType().getValue()
                        : o.hasOccurrencePeriod() ? o.getOccurrencePeriod().getStart() : null)
                .map(Date::toInstant)
                .orElse(null);
    }

    private static Procedure procedure(List<CodeableConcept> concepts, Optional<ServiceRequest> order) {
        List<CodeableConcept> all = new ArrayList<>(concepts);
        order.ifPresent(o -> all.add(o.getCode()));
        return new Procedure(all.stream()
                .flatMap(c -> c.getCoding().stream())
                .filter(Coding::hasCode)
                .map(c -> new Procedure.Coding(c.getCode(), c.getDisplay(), c.getSystem()))
                .distinct()
                .limit(Procedure.CODINGS_MAX)
                .toList());
    }

    private Priority priority(Optional<ServiceRequest> order, Reference encounter, Purpose purpose) {
        if ("E".equals(patientClass(encounter, purpose))) {
            return Priority.STAT;
        }
        ServiceRequest.ServiceRequestPriority asked =
                order.map(ServiceRequest::getPriority).orElse(ServiceRequest.ServiceRequestPriority.ROUTINE);
        return switch (asked) {
            case STAT -> Priority.STAT;
            case ASAP, URGENT -> Priority.URGENT;
            case ROUTINE, NULL -> Priority.ROUTINE;
        };
    }

    /** PV1-2's letter for the encounter's class: FHIR's v3-ActCode EMER, IMP and AMB. */
    private @Nullable String patientClass(Reference encounter, Purpose purpose) {
        String code = read(Encounter.class, encounter, purpose)
                .map(e -> e.getClass_().getCode())
                .orElse(null);
        return switch (code == null ? "" : code) {
            case "EMER" -> "E";
            case "IMP", "ACUTE", "NONAC" -> "I";
            case "AMB" -> "O";
            default -> null;
        };
    }

    private @Nullable String relative(Reference reference, String type) {
        return Optional.ofNullable(reference.getReference())
                .flatMap(ehr.base()::resourceOf)
                .filter(id -> id.type().equals(type))
                .map(ResourceId::reference)
                .orElse(null);
    }
}
