package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Type;
import org.jspecify.annotations.Nullable;

/** Whether a report says that there is hemorrhage, where that is coded. What it says in words is never guessed at. */
final class ReportVerdict {

    private static final int RESULTS_READ_MAX = 10;

    private final ResourceMapper mapper;

    ReportVerdict(ResourceMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * A coded conclusion is a yes; else what its Observations answer: a yes where one of them says yes, a no where all that answer say no.
     * Absence of a code says nothing.
     */
    @Nullable
    Boolean of(DiagnosticReport report, Purpose purpose) {
        if (report.getConclusionCode().stream().anyMatch(ReportCodes::name)) {
            return true;
        }
        List<Boolean> answers = new ArrayList<>();
        List<Reference> results = report.getResult();
        for (Reference result : results.subList(0, Math.min(results.size(), RESULTS_READ_MAX))) {
            observation(report, result, purpose)
                    .filter(o -> isAnAnswer(o) && !isOfSomebodyElse(o, report))
                    .map(ReportVerdict::answer)
                    .ifPresent(answers::add);
        }
        return answers.isEmpty() ? null : answers.contains(true);
    }

    private Optional<Observation> observation(DiagnosticReport report, Reference result, Purpose purpose) {
        Optional<Observation> contained = report.getContained().stream()
                .filter(Observation.class::isInstance)
                .filter(each -> each.getIdPart() != null && ("#" + each.getIdPart()).equals(result.getReference()))
                .map(Observation.class::cast)
                .findFirst();
        return contained.isPresent() ? contained : mapper.read(Observation.class, result, purpose);
    }

    /** What is not final is no answer yet, what was entered in error never was one, and an unknown modifier may turn it around. */
    private static boolean isAnAnswer(Observation observation) {
        boolean isFinal = switch (observation.getStatus() == null
                ? Observation.ObservationStatus.NULL
                : observation.getStatus()) {
            case FINAL, AMENDED, CORRECTED -> true;
            case REGISTERED, PRELIMINARY, CANCELLED, ENTEREDINERROR, UNKNOWN, NULL -> false;
        };
        return isFinal && !observation.hasModifierExtension();
    }

    private static boolean isOfSomebodyElse(Observation observation, DiagnosticReport report) {
        String theirs = observation.getSubject().getReference();
        String ours = report.getSubject().getReference();
        return theirs != null && ours != null && !tail(theirs).equals(tail(ours));
    }

    /** {@code Patient/1} of a reference that may be absolute or of one version. */
    private static String tail(String reference) {
        String plain = reference.replaceFirst("/_history/[^/]*$", "");
        int id = plain.lastIndexOf('/');
        int type = id < 0 ? -1 : plain.lastIndexOf('/', id - 1);
        return plain.substring(type + 1);
    }

    private static @Nullable Boolean answer(Observation observation) {
        List<Boolean> said = new ArrayList<>();
        if (ReportCodes.ask(observation.getCode())) {
            said.add(answer(observation.getValue(), observation.getInterpretation()));
        }
        for (Observation.ObservationComponentComponent part : observation.getComponent()) {
            if (ReportCodes.ask(part.getCode())) {
                said.add(answer(part.getValue(), part.getInterpretation()));
            }
        }
        List<Boolean> answers = said.stream().filter(Objects::nonNull).toList();
        return answers.isEmpty() ? null : answers.contains(true);
    }

    private static @Nullable Boolean answer(@Nullable Type value, List<CodeableConcept> interpretation) {
        if (value instanceof org.hl7.fhir.r4.model.BooleanType yes && yes.hasValue()) {
            return yes.booleanValue();
        }
        Stream<CodeableConcept> said = interpretation.stream();
        return ReportCodes.answer(
                value instanceof CodeableConcept coded ? Stream.concat(Stream.of(coded), said) : said);
    }
}
