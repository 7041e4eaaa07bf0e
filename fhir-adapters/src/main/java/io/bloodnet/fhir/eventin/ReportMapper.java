package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.HemorrhageCodes;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.StudyUid;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.jspecify.annotations.Nullable;

/** A radiologist's report about a study that we may have judged. Neither theirs nor ours is ever edited for it. */
final class ReportMapper {

    private static final Set<String> RADIOLOGY = Set.of("RAD", "CT", "LP29684-5", "18748-4", "30799-1");
    private static final String SNOMED = "http://snomed.info/sct";
    private static final int RESULTS_READ_MAX = 10;

    private final ResourceMapper mapper;
    private final FhirConfig.Naming naming;
    private final InstantSource clock;

    ReportMapper(ResourceMapper mapper, FhirConfig.Naming naming, InstantSource clock) {
        this.mapper = mapper;
        this.naming = naming;
        this.clock = clock;
    }

    Mapped map(DiagnosticReport report) {
        String status = letter(report);
        if (status == null) {
            return Mapped.Events.notForUs("not a report that says something");
        }
        if (isOurs(report) && status.equals("P")) {
            return Mapped.Events.notForUs("our own report");
        }
        if (!isImaging(report)) {
            return Mapped.Events.notForUs("not an imaging report");
        }
        StudyUid uid = Identifiers.studyUid(report.getIdentifier());
        Purpose purpose = ResourceMapper.purpose(uid, Identifiers.accession(report.getIdentifier()));
        Optional<ServiceRequest> order = mapper.order(report.getBasedOn(), purpose);
        if (uid == null) {
            uid = studyUid(report, purpose);
        }
        AccessionNumber accession = ResourceMapper.accession(report.getIdentifier(), order);
        if (uid == null && accession == null) {
            return Mapped.Events.notForUs("the report names no study that we could know");
        }
        return Mapped.Events.of(new OrderEvent.HumanReport(
                ResourceMapper.key(uid, accession, order), status, at(report), saysHemorrhage(report, purpose)));
    }

    private @Nullable StudyUid studyUid(DiagnosticReport report, Purpose purpose) {
        List<Reference> studies = report.getImagingStudy();
        for (Reference study : studies.subList(0, Math.min(studies.size(), 5))) {
            StudyUid uid = Identifiers.studyUid(List.of(study.getIdentifier()));
            if (uid == null) {
                uid = mapper.read(ImagingStudy.class, study, purpose)
                        .map(s -> Identifiers.studyUid(s.getIdentifier()))
                        .orElse(null);
            }
            if (uid != null) {
                return uid;
            }
        }
        return null;
    }

    /** HL7 table 0085's letter; null for what is no statement (registered, cancelled, entered in error). */
    private static @Nullable String letter(DiagnosticReport report) {
        return switch (report.getStatus() == null ? DiagnosticReport.DiagnosticReportStatus.NULL : report.getStatus()) {
            case FINAL -> "F";
            case AMENDED, CORRECTED, APPENDED -> "C";
            case PRELIMINARY, PARTIAL -> "P";
            case REGISTERED, CANCELLED, ENTEREDINERROR, UNKNOWN, NULL -> null;
        };
    }

    private boolean isOurs(DiagnosticReport report) {
        return report.getIdentifier().stream()
                .anyMatch(i -> naming.system("report").equals(i.getSystem()));
    }

    private static boolean isImaging(DiagnosticReport report) {
        return report.hasImagingStudy()
                || Stream.concat(report.getCategory().stream(), Stream.of(report.getCode()))
                        .flatMap(c -> c.getCoding().stream())
                        .anyMatch(c -> RADIOLOGY.contains(c.getCode()));
    }

    /** A coded conclusion is a yes; else the coded answer of one of its Observations. Absence of a code says nothing. */
    private @Nullable Boolean saysHemorrhage(DiagnosticReport report, Purpose purpose) {
        if (report.getConclusionCode().stream().flatMap(ReportMapper::codes).anyMatch(HemorrhageCodes::names)) {
            return true;
        }
        List<Reference> results = report.getResult();
        for (Reference result : results.subList(0, Math.min(results.size(), RESULTS_READ_MAX))) {
            Boolean answer = observation(report, result, purpose)
                    .map(ReportMapper::answer)
                    .orElse(null);
            if (answer != null) {
                return answer;
            }
        }
        return null;
    }

    private Optional<Observation> observation(DiagnosticReport report, Reference result, Purpose purpose) {
        Optional<Observation> contained = report.getContained().stream()
                .filter(Observation.class::isInstance)
                .filter(each -> each.getIdPart() != null && ("#" + each.getIdPart()).equals(result.getReference()))
                .map(Observation.class::cast)
                .findFirst();
        return contained.isPresent() ? contained : mapper.read(Observation.class, result, purpose);
    }

    private static @Nullable Boolean answer(Observation observation) {
        if (codes(observation.getCode()).noneMatch(HemorrhageCodes.HEMORRHAGE::equals)) {
            return null;
        }
        if (observation.hasValueBooleanType()) {
            return observation.getValueBooleanType().booleanValue();
        }
        Stream<CodeableConcept> said = observation.getInterpretation().stream();
        if (observation.hasValueCodeableConcept()) {
            said = Stream.concat(Stream.of(observation.getValueCodeableConcept()), said);
        }
        return said.flatMap(ReportMapper::codes)
                .map(HemorrhageCodes::answer)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Without the number of SNOMED CT's hemorrhage in another code system, where it means something else. */
    private static Stream<String> codes(CodeableConcept concept) {
        return concept.getCoding().stream()
                .filter(Coding::hasCode)
                .filter(c -> !HemorrhageCodes.HEMORRHAGE.equals(c.getCode()) || SNOMED.equals(c.getSystem()))
                .map(Coding::getCode);
    }

    private Instant at(DiagnosticReport report) {
        return report.hasIssued() ? report.getIssued().toInstant() : clock.instant();
    }
}
