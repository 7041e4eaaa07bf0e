package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A transaction's answer is read entry by entry: 200 alone says nothing. */
class EntryAnswersTest extends FilingFixture {

    @ParameterizedTest
    @ValueSource(strings = {"422 Unprocessable Entity", "400", "HTTP/1.1 422 Unprocessable Entity", "404 Not Found"})
    void an_entry_that_is_refused_inside_a_success_needs_a_person(String status) {
        fhir.refusedEntries.put("DiagnosticReport", status);
        String code = "http-" + status.replaceAll("^HTTP/1.1 ", "").substring(0, 3);
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused(code));
        assertThat(made.all).as("nothing is kept as filed").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"503 Service Unavailable", "500", "429 Too Many Requests", "409 Conflict", "no status"})
    void an_entry_that_may_pass_later_is_retried_and_files_once(String status) {
        fhir.refusedEntries.put("Observation", status);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Retry.class);
        fhir.refusedEntries.clear();
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void of_several_refusals_the_one_that_will_not_pass_counts() {
        fhir.refusedEntries.put("Observation", "503");
        fhir.refusedEntries.put("Device", "422");
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("http-422"));
    }

    @Test
    void a_match_without_a_location_is_found_by_its_identifier() {
        fhir.clientIds = false; // so that the Provenance goes after the rest
        use(FhirConfig.Naming.DEFAULT, FhirConfig.Results.DEFAULT);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        fhir.store.keySet().removeIf(key -> key.startsWith("Provenance/") || key.startsWith("DiagnosticReport/"));
        fhir.bareMatches = true;
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        ObjectNode provenance = fhir.all("Provenance").getFirst();
        assertThat(provenance.toString()).doesNotContain("urn:uuid:");
        assertThat(provenance.at("/agent/0/who/reference").asText()).startsWith("Device/");
    }

    @Test
    void a_success_without_the_report_is_none() {
        fhir.refusedEntries.put("DiagnosticReport", "200 OK");
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Retry.class);
    }
}
