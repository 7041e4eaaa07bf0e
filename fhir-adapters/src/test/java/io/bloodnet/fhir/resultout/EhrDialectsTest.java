package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import org.junit.jupiter.api.Test;

/** Servers that cannot do, or refuse, what others can. */
class EhrDialectsTest extends FilingFixture {

    @Test
    void a_server_without_conditional_writes_is_searched_first() {
        fhir.conditional = false;
        fhir.clientIds = false;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
        ObjectNode provenance = fhir.all("Provenance").getFirst();
        String report = fhir.all("DiagnosticReport").getFirst().get("id").asText();
        assertThat(provenance.at("/target/0/reference").asText()).isEqualTo("DiagnosticReport/" + report);
    }

    @Test
    void a_server_that_refuses_the_label_when_asked_gets_a_tag() {
        fhir.refusesLabel = true;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport").getFirst().at("/meta/tag").toString())
                .contains("AIAST");
        assertThat(fhir.store.values().toString()).doesNotContain("v3-ObservationValue");
    }

    @Test
    void a_server_that_refuses_the_label_only_in_earnest_gets_a_tag_at_once() {
        fhir.refusesLabel = true;
        fhir.hasValidate = false;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void a_site_may_settle_the_label() {
        use(FhirConfig.Naming.DEFAULT, new FhirConfig.Results(false, FhirConfig.Results.Label.TAG, false));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.store.values().toString()).doesNotContain("v3-ObservationValue");
        assertThat(fhir.requests).noneMatch(r -> r.path().endsWith("$validate"));

        fhir.refusesLabel = true;
        use(FhirConfig.Naming.DEFAULT, new FhirConfig.Results(false, FhirConfig.Results.Label.SECURITY_LABEL, false));
        assertThat(destination.deliver(Samples.notAnalyzed())).isEqualTo(new Outcome.Refused("http-422"));
    }

    @Test
    void a_server_without_metadata_validate_or_post_search_is_served() {
        fhir.hasMetadata = false;
        fhir.hasValidate = false;
        fhir.searchesByGetOnly = true;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }
}
