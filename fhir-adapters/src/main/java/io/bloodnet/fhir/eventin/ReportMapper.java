package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.StudyIdentifiers;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.StudyUid;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.jspecify.annotations.Nullable;

/** A radiologist's report about a study that we may have judged. Neither theirs nor ours is ever edited for it. */
final class ReportMapper {

    private static final Set<String> RADIOLOGY = Set.of("RAD", "CT", "LP29684-5", "18748-4", "30799-1");
    /** LOINC's codes of an imaging report as such, which say nothing of the region: study report, radiology note. */
    private static final Set<String> ANY_REGION = Set.of("18748-4", "68604-8", "75490-3");

    private static final int STUDIES_READ_MAX = 5;

    /** {@link #letter} of reports that take back what they said. */
    private static final Set<String> TAKEN_BACK = Set.of("W", "X");

    private final ResourceMapper mapper;
    private final FhirConfig config;
    private final PatientLookup patients;
    private final ReportVerdict verdict;
    private final InstantSource clock;

    ReportMapper(ResourceMapper mapper, FhirConfig config, PatientLookup patients, InstantSource clock) {
        this.mapper = mapper;
        this.config = config;
        this.patients = patients;
        this.verdict = new ReportVerdict(mapper);
        this.clock = clock;
    }

    Mapped map(DiagnosticReport report) {
        String status = letter(report);
        if (status == null || report.hasModifierExtension()) {
            return Mapped.Events.notForUs("not a report that says something");
        }
        if (isOurs(report) && (status.equals("P") || TAKEN_BACK.contains(status))) {
            return Mapped.Events.notForUs("our own report");
        }
        if (!isImaging(report)) {
            return Mapped.Events.notForUs("not an imaging report");
        }
        StudyUid uid = StudyIdentifiers.uid(report.getIdentifier());
        Purpose purpose = ResourceMapper.purpose(uid, Identifiers.accession(report.getIdentifier()));
        Optional<ServiceRequest> order = mapper.order(report.getBasedOn(), purpose);
        Map<StudyUid, Reference> studies = studies(report, uid, purpose);
        AccessionNumber accession = ResourceMapper.accession(report.getIdentifier(), order);
        if (studies.isEmpty() && (accession == null || !isOfHead(report, order))) {
            return Mapped.Events.notForUs("the report names no study that we could know");
        }
        List<Reference> subjects = subjects(report, studies, order);
        if (subjects.isEmpty()) {
            return new Mapped.Unusable("The DiagnosticReport does not say whom it is about");
        }
        List<PatientLookup.Found> whom = subjects.stream()
                .map(subject -> patients.find(subject, purpose))
                .flatMap(Optional::stream)
                .toList();
        if (whom.size() < subjects.size()) {
            return new Mapped.Unusable("The DiagnosticReport's subject has no usable identifier");
        }
        if (whom.stream().anyMatch(each -> !each.isOneWith(whom.getFirst()))) {
            return new Mapped.Unusable("The DiagnosticReport, its study and its order name different patients");
        }
        return new Mapped.Events(words(report, status, studies, accession, order, whom.getFirst(), purpose));
    }

    /** One event for each study; of several studies nobody says which one the codes are about. */
    private List<OrderEvent> words(
            DiagnosticReport report,
            String status,
            Map<StudyUid, Reference> studies,
            @Nullable AccessionNumber accession,
            Optional<ServiceRequest> order,
            PatientLookup.Found whom,
            Purpose purpose) {
        boolean says = studies.size() <= 1 && !TAKEN_BACK.contains(status);
        String name =
                report.hasId() ? "DiagnosticReport/" + report.getIdElement().getIdPart() : null;
        Boolean hemorrhage = says ? verdict.of(report, purpose) : null;
        Instant arrived = clock.instant();
        List<StudyUid> named = new ArrayList<>(studies.keySet());
        if (named.isEmpty()) {
            OrderKey key = whom.about(ResourceMapper.key(null, accession, order));
            return List.of(new OrderEvent.HumanReport(key, status, arrived, hemorrhage, name));
        }
        return named.stream()
                .map(uid -> whom.about(ResourceMapper.key(
                        uid, named.size() == 1 ? accession : null, named.size() == 1 ? order : Optional.empty())))
                .map(key -> (OrderEvent) new OrderEvent.HumanReport(key, status, arrived, hemorrhage, name))
                .toList();
    }

    /** The studies that the report names, each with the subject that the EHR has for it (empty when not said). */
    private Map<StudyUid, Reference> studies(DiagnosticReport report, @Nullable StudyUid own, Purpose purpose) {
        Map<StudyUid, Reference> named = new LinkedHashMap<>();
        if (own != null) {
            named.put(own, new Reference());
        }
        List<Reference> references = report.getImagingStudy();
        for (Reference reference : references.subList(0, Math.min(references.size(), STUDIES_READ_MAX))) {
            Optional<ImagingStudy> study = mapper.read(ImagingStudy.class, reference, purpose);
            StudyUid uid = study.map(s -> StudyIdentifiers.uid(s.getIdentifier()))
                    .orElseGet(() -> StudyIdentifiers.uid(List.of(reference.getIdentifier())));
            if (uid != null) {
                named.put(uid, study.map(ImagingStudy::getSubject).orElse(new Reference()));
            }
        }
        return named;
    }

    /** All that say whom the report is about: its own subject, those of its studies, that of its order. */
    private static List<Reference> subjects(
            DiagnosticReport report, Map<StudyUid, Reference> studies, Optional<ServiceRequest> order) {
        Stream<Reference> all = Stream.concat(
                Stream.of(report.getSubject()),
                Stream.concat(studies.values().stream(), order.map(ServiceRequest::getSubject).stream()));
        List<Reference> said = new ArrayList<>();
        all.filter(r -> r.hasReference() || r.hasIdentifier())
                .filter(r -> said.stream().noneMatch(other -> isSame(r, other)))
                .forEach(said::add);
        return said;
    }

    private static boolean isSame(Reference a, Reference b) {
        return a.hasReference() && Objects.equals(a.getReference(), b.getReference());
    }

    /** An accession number may cover several regions: then the report's or the order's code must say that it is of the head. */
    private boolean isOfHead(DiagnosticReport report, Optional<ServiceRequest> order) {
        Set<String> head = config.intake().headCtCodes();
        return !report.getCode().hasCoding()
                || report.getCode().getCoding().stream()
                        .anyMatch(c -> head.contains(c.getCode()) || ANY_REGION.contains(c.getCode()))
                || order.stream()
                        .flatMap(o -> o.getCode().getCoding().stream())
                        .anyMatch(c -> head.contains(c.getCode()));
    }

    /**
     * HL7 table 0085's letter; null for what is no statement (registered). A report that was entered in error takes back what it said: W; one
     * that was cancelled after it was final does, too: X.
     */
    private static @Nullable String letter(DiagnosticReport report) {
        return switch (report.getStatus() == null ? DiagnosticReport.DiagnosticReportStatus.NULL : report.getStatus()) {
            case FINAL -> "F";
            case AMENDED, CORRECTED, APPENDED -> "C";
            case PRELIMINARY, PARTIAL -> "P";
            case ENTEREDINERROR -> "W";
            case CANCELLED -> "X";
            case REGISTERED, UNKNOWN, NULL -> null;
        };
    }

    private boolean isOurs(DiagnosticReport report) {
        return report.getIdentifier().stream()
                .anyMatch(i -> config.naming().system("report").equals(i.getSystem()));
    }

    private static boolean isImaging(DiagnosticReport report) {
        return report.hasImagingStudy()
                || Stream.concat(report.getCategory().stream(), Stream.of(report.getCode()))
                        .flatMap(c -> c.getCoding().stream())
                        .anyMatch(c -> RADIOLOGY.contains(c.getCode()));
    }
}
