package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniHttp.Fault;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wires that break and statuses that do not pass: a report is there once in the end. */
class EhrFaultsTest extends FilingFixture {

    private static final Set<String> OWN = Set.of("Patient/p1", "ServiceRequest/s1");
    private static final List<Fault> FAULTS = List.of(
            new Fault.ResetBefore(),
            new Fault.ResetAfter(),
            new Fault.CutBody(),
            new Fault.SilentAfter(),
            new Fault.DripAfter(),
            new Fault.Http2ResetAfter(),
            new Fault.Status(409, Map.of()),
            new Fault.Status(412, Map.of()),
            new Fault.Status(429, Map.of("Retry-After", "1")),
            new Fault.Status(503, Map.of()));

    @ParameterizedTest
    @ValueSource(ints = {409, 412, 429, 500, 502, 503, 504, 401, 403})
    void a_status_that_may_pass_is_retried_and_files_once(int status) {
        fhir.faults.add(new Fault.Status(status, Map.of("Retry-After", "7")));

        Outcome first = destination.deliver(Samples.positive());
        assertThat(first).isEqualTo(new Outcome.Retry("http-" + status, Duration.ofSeconds(7)));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 413, 422, 301, 307})
    void a_status_that_will_not_pass_needs_a_person(int status) {
        fhir.faults.add(new Fault.Status(status, Map.of("Location", "http://127.0.0.1:1/fhir")));

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("http-" + status));
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }

    /** For tests in which the EHR is silent: what happens to be slow on a busy machine must not look like that. */
    private void waitForSeconds(int seconds) {
        use(FhirConfig.Naming.DEFAULT, FhirConfig.Results.DEFAULT, Duration.ofSeconds(seconds));
    }

    @Test
    void every_broken_wire_is_retried_and_files_once() {
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class); // all is loaded
        fhir.store.keySet().removeIf(key -> !OWN.contains(key));
        waitForSeconds(3);
        List<Fault> broken = List.of(
                new Fault.ResetBefore(),
                new Fault.ResetAfter(),
                new Fault.CutBody(),
                new Fault.SilentAfter(),
                new Fault.DripAfter(),
                new Fault.Http2ResetAfter());
        for (Fault fault : broken) {
            fhir.faults.add(fault);
            assertThat(destination.deliver(Samples.positive()))
                    .as(fault.toString())
                    .isInstanceOf(Outcome.Retry.class);
            assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
            assertThat(census()).as(fault.toString()).isEqualTo(ONE_POSITIVE);
        }
    }

    @Test
    void whatever_breaks_wherever_and_however_often_one_report_is_there_in_the_end() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("random faults: -Dseed=" + seed);
        Random random = new Random(seed);
        int rounds = Boolean.getBoolean("bloodnet.long") ? 500 : 15;
        for (int round = 1; round <= rounds; round++) {
            fhir.store.keySet().removeIf(key -> !OWN.contains(key));
            fhir.conditional = random.nextBoolean();
            fhir.clientIds = random.nextBoolean();
            fhir.faultable = _ -> random.nextInt(3) == 0;
            waitForSeconds(1);
            random.ints(random.nextInt(1, 6), 0, FAULTS.size()).forEach(i -> fhir.faults.add(FAULTS.get(i)));
            Outcome outcome = destination.deliver(Samples.positive());
            for (int attempt = 2; attempt <= 20 && outcome instanceof Outcome.Retry; attempt++) {
                outcome = destination.deliver(Samples.positive());
            }
            assertThat(outcome).as("seed %d, round %d", seed, round).isInstanceOf(Outcome.Delivered.class);
            fhir.faults.clear();
            assertThat(census()).as("seed %d, round %d", seed, round).isEqualTo(ONE_POSITIVE);
        }
    }

    @Test
    void accepted_then_silent_then_conflict_still_files_once() {
        waitForSeconds(3);
        fhir.faults.add(new Fault.SilentAfter());
        fhir.faults.add(new Fault.Status(409, Map.of()));

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("timeout", null));
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("http-409", null));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void an_ehr_that_is_away_is_tried_again() throws IOException {
        fhir.close();
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("unreachable", null));
    }

    @Test
    void eight_deliveries_at_once_to_a_server_without_conditional_writes_file_once() {
        fhir.conditional = false;
        // Not by a parallel stream: its pool is the one in which the JDK's HTTP client completes answers.
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 8).forEach(_ -> senders.submit(() -> destination.deliver(Samples.positive())));
        }
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void duplicates_in_the_ehr_stop_for_a_person() {
        destination.deliver(Samples.positive());
        ObjectNode copy = fhir.all("DiagnosticReport").getFirst().deepCopy().put("id", "copy");
        fhir.seed(copy.toString());

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("duplicate-in-ehr"));
    }
}
