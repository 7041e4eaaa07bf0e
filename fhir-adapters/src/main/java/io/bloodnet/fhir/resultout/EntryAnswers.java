package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrAnswer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.OperationOutcome;

/**
 * What became of each entry of a transaction. FHIR R4 3.1.0.11.2 asks for all or nothing, but servers are seen that answer 200 and refuse
 * an entry inside; so the answer's own status says nothing.
 */
final class EntryAnswers {

    private static final Pattern STATUS = Pattern.compile("(?:HTTP/[0-9.]+ )?([1-5][0-9]{2})\\b.*", Pattern.DOTALL);
    private static final int SUCCESS_MAX = 299;
    private static final int NOT_MODIFIED = 304;
    private static final int UNSAID = 502;

    private EntryAnswers() {}

    /**
     * The refusal of an entry as if the server had answered the whole transaction so; empty when no entry was refused. Where several were,
     * the one that will not pass by repeating counts.
     *
     * @param sent the transaction, entry by entry what is answered
     */
    static Optional<EhrAnswer> refusal(Bundle sent, EhrAnswer answer) {
        List<BundleEntryComponent> entries =
                answer.resource(Bundle.class).map(Bundle::getEntry).orElse(List.of());
        return java.util.stream.IntStream.range(0, entries.size())
                .filter(i -> isRefused(entries.get(i)))
                .mapToObj(i -> refused(entries.get(i), i < sent.getEntry().size() ? type(sent, i) : "entry"))
                .min(Comparator.comparing(a -> a.failure("an entry").code().retryable()));
    }

    private static String type(Bundle sent, int i) {
        return sent.getEntry().get(i).getResource().fhirType();
    }

    private static boolean isRefused(BundleEntryComponent entry) {
        int status = status(entry);
        return status > SUCCESS_MAX && status != NOT_MODIFIED;
    }

    /** A status that is not said or no status is no success, unless the entry says where its resource is. */
    private static int status(BundleEntryComponent entry) {
        String text = entry.getResponse().getStatus();
        Matcher status = STATUS.matcher(text == null ? "" : text.strip());
        if (status.matches()) {
            return Integer.parseInt(status.group(1));
        }
        return entry.getResponse().hasLocation() ? SUCCESS_MAX : UNSAID;
    }

    private static EhrAnswer refused(BundleEntryComponent entry, String type) {
        OperationOutcome outcome =
                entry.getResponse().getOutcome() instanceof OperationOutcome said ? said : new OperationOutcome();
        outcome.addIssue() // what is inside an entry need not name it
                .setSeverity(OperationOutcome.IssueSeverity.ERROR)
                .setCode(OperationOutcome.IssueType.PROCESSING)
                .setDiagnostics("the entry of the " + type + " was refused");
        return new EhrAnswer(status(entry), FhirJson.write(outcome), null);
    }
}
