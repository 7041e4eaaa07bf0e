package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrClient;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceComponent;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.OperationOutcomeIssueComponent;
import org.hl7.fhir.r4.model.Task;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this EHR can do, asked at its first use: whether it knows conditional writes and ids chosen by us, and whether it takes the AI
 * label.
 *
 * @param conditional whether conditional create and update may be relied on; true where the server does not say
 * @param clientIds whether we may choose ids; true where the server does not say
 * @param tasks whether it takes Tasks; true where the server does not say
 * @param mark how resources are marked as made by AI
 * @param adapts whether another mark may be used when the EHR refuses this one
 */
record EhrProfile(boolean conditional, boolean clientIds, boolean tasks, AiMark mark, boolean adapts) {

    private static final Logger LOG = LoggerFactory.getLogger(EhrProfile.class);
    /** The resource type as a word, or in a name such as a HAPI path. */
    private static final Pattern TASK = Pattern.compile("\\bTask\\b");

    private static final Pattern ENTRY = Pattern.compile("\\bentry\\[(\\d{1,4})]");
    private static final List<String> WRITTEN = List.of("DiagnosticReport", "Observation", "DocumentReference");

    /** Asks the EHR, as far as the site does not say. @throws io.bloodnet.fhir.ehr.EhrException when it cannot be asked now */
    static EhrProfile of(EhrClient ehr, FhirConfig.Results.Label label) {
        Optional<CapabilityStatement> statement = ehr.metadata();
        boolean tasks = statement.isEmpty()
                || statement.get().getRest().stream().noneMatch(rest -> rest.hasResource())
                || resource(statement.get(), "Task").isPresent();
        boolean conditional = statement.isEmpty()
                || WRITTEN.stream().allMatch(type -> conditional(statement.get(), type))
                        && (!tasks || conditional(statement.get(), "Task"));
        boolean clientIds = statement.isEmpty() || clientIds(statement.get());
        AiMark mark = switch (label) {
            case ASK -> probe(ehr);
            case SECURITY_LABEL -> AiMark.SECURITY_LABEL;
            case TAG -> AiMark.TAG;
        };
        LOG.info(
                "EHR asked what it can do: conditional writes {}, ids chosen by us {}, Tasks {}, AI is said by {}",
                conditional ? "yes" : "no (search first, then write)",
                clientIds ? "yes" : "no",
                tasks ? "yes" : "no",
                mark);
        return new EhrProfile(conditional, clientIds, tasks, mark, label == FhirConfig.Results.Label.ASK);
    }

    /** The same EHR after it refused the label in earnest. */
    EhrProfile withTag() {
        LOG.warn("EHR refuses the security label AIAST: AI is said by meta.tag and in the text from now on");
        return new EhrProfile(conditional, clientIds, tasks, AiMark.TAG, false);
    }

    /** The same EHR, for a result that goes without its Task. */
    EhrProfile withoutTasks() {
        return new EhrProfile(conditional, clientIds, false, mark, adapts);
    }

    /**
     * Whether an OperationOutcome complains about the Task of a transaction: in words, or by the place where it stands. No result shall
     * wait for one.
     */
    static boolean refusesTask(EhrAnswer answer, Bundle sent) {
        return errors(answer)
                .anyMatch(issue -> TASK.matcher(words(issue)).find()
                        || Stream.concat(issue.getExpression().stream(), issue.getLocation().stream())
                                .anyMatch(place -> isTask(place.getValue(), sent)));
    }

    /** A FHIRPath such as {@code Bundle.entry[6].resource} or {@code Task.owner}. */
    private static boolean isTask(String place, Bundle sent) {
        Matcher entry = ENTRY.matcher(place);
        if (!entry.find()) {
            return TASK.matcher(place).find();
        }
        int index = Integer.parseInt(entry.group(1));
        return index < sent.getEntry().size() && sent.getEntry().get(index).getResource() instanceof Task;
    }

    /** Whether an OperationOutcome complains about the label. */
    static boolean refusesLabel(EhrAnswer answer) {
        return errors(answer).anyMatch(issue -> words(issue).contains(Code.AI_ASSERTED.code()));
    }

    private static Stream<OperationOutcomeIssueComponent> errors(EhrAnswer answer) {
        return answer.resource(OperationOutcome.class).stream()
                .flatMap(outcome -> outcome.getIssue().stream())
                .filter(issue -> issue.getSeverity() == OperationOutcome.IssueSeverity.ERROR
                        || issue.getSeverity() == OperationOutcome.IssueSeverity.FATAL);
    }

    private static String words(OperationOutcomeIssueComponent issue) {
        return issue.getDiagnostics() + " " + issue.getDetails().getText();
    }

    /** A made-up Observation about nobody, sent to be checked and not to be kept. Servers without $validate keep the label. */
    private static AiMark probe(EhrClient ehr) {
        Observation sample = new Observation();
        AiMark.SECURITY_LABEL.on(sample);
        sample.setStatus(Observation.ObservationStatus.PRELIMINARY);
        sample.setCode(new CodeableConcept().setText("label check"));
        EhrAnswer answer = ehr.validate(sample);
        if (answer.status() == 429 || answer.status() >= 500 && answer.status() != 501) {
            throw answer.failure("$validate");
        }
        return refusesLabel(answer) ? AiMark.TAG : AiMark.SECURITY_LABEL;
    }

    private static boolean conditional(CapabilityStatement statement, String type) {
        return resource(statement, type)
                .map(r -> r.getConditionalCreate() && r.getConditionalUpdate())
                .orElse(false);
    }

    private static boolean clientIds(CapabilityStatement statement) {
        return resource(statement, "Provenance")
                .map(r -> !r.hasUpdateCreate() || r.getUpdateCreate())
                .orElse(true);
    }

    private static Optional<CapabilityStatementRestResourceComponent> resource(
            CapabilityStatement statement, String type) {
        return statement.getRest().stream()
                .flatMap(rest -> rest.getResource().stream())
                .filter(r -> type.equals(r.getType()))
                .findFirst();
    }
}
