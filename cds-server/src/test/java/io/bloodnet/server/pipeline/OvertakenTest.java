package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The newest word about a study arrives last, whatever was given up or held before it and whoever tries it again. */
class OvertakenTest {

    private static final String BETTER_LOOK = "ef".repeat(32);
    private static final Patient BORN =
            new Patient(new PatientId("MRN1", "HOSP"), null, null, LocalDate.of(1950, 1, 1), Patient.Sex.FEMALE);
    private static final Patient OTHER =
            new Patient(new PatientId("MRN9", "HOSP"), null, null, LocalDate.of(1988, 8, 8), Patient.Sex.MALE);

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void place() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("overtaken"), "sa", null));
        life.pacs.has(12, OrderLife.ANN);
    }

    @AfterEach
    void close() {
        life.close();
    }

    /** The suspicion is told while the images arrive. */
    private void firstLook() {
        id = life.place(40);
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
    }

    /** All images are there: the finding is another one. */
    private void betterLook() {
        life.pacs.has(40, OrderLife.ANN);
        life.pacs.inputDigest = BETTER_LOOK;
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
    }

    private void retry() {
        life.control.retry(id, "ann");
        life.deliver();
    }

    private List<Outbox.State> at(String destination) {
        return life.outbox(id).stream()
                .filter(delivery -> delivery.destination().equals(destination))
                .map(Outbox.Delivery::state)
                .toList();
    }

    @Test
    void an_older_result_that_was_given_up_is_never_sent_after_the_newer_one() {
        life.ehr.outcomes().add(new Outcome.Refused("no"));
        life.hl7.outcomes().add(new Outcome.Refused("no"));
        firstLook();
        life.hl7.outcomes().add(new Outcome.Refused("no")); // so that there is something left to try again
        betterLook();
        life.deliver();
        assertThat(at("ehr")).containsExactly(Outbox.State.OVERTAKEN, Outbox.State.DELIVERED);
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);

        retry();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        for (FakeDestination told : List.of(life.ehr, life.hl7)) {
            assertThat(told.got()).as(told.name()).hasSize(1);
            assertThat(told.got().getFirst().key().inputDigest()).isEqualTo(BETTER_LOOK);
        }
    }

    @Test
    void a_job_is_not_failed_by_what_a_newer_result_has_replaced() {
        life.ehr.outcomes().add(new Outcome.Refused("no"));
        firstLook();
        betterLook();
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.ehr.got()).extracting(FindingReport::kind).containsExactly(Kind.CORRECTED);
    }

    @Test
    void what_was_never_sent_before_a_withdrawal_is_told_as_the_newest_when_a_person_stands_by_it() {
        life.pacs.imaged = BORN;
        firstLook();
        betterLook();
        life.receive(new OrderEvent.PatientMerged(BORN.id(), OTHER));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(at("ehr")).containsExactly(Outbox.State.DELIVERED, Outbox.State.OVERTAKEN, Outbox.State.DELIVERED);

        life.receive(new OrderEvent.PatientMerged(OTHER.id(), BORN));
        life.control.retry(id, "ann");
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.ehr.got())
                .extracting(FindingReport::kind)
                .containsExactly(Kind.FIRST, Kind.WITHDRAWN, Kind.FIRST);
        assertThat(life.ehr.got().getLast().key().inputDigest()).isEqualTo(BETTER_LOOK);
    }

    @Test
    void a_mask_that_is_taken_late_does_not_bring_back_the_result_before() {
        life.pacs.storeOutcomes.add(new Outcome.Refused("no"));
        firstLook();
        life.pacs.storeOutcomes.add(new Outcome.Refused("no"));
        betterLook();
        life.deliver();
        int told = life.ehr.got().size();
        retry();
        assertThat(life.ehr.got().subList(told, life.ehr.got().size()))
                .isNotEmpty()
                .allMatch(report -> report.key().inputDigest().equals(BETTER_LOOK));
        assertThat(at("pacs")).containsExactly(Outbox.State.OVERTAKEN, Outbox.State.DELIVERED);
    }
}
