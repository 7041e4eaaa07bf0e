package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was withdrawn stays withdrawn; a person who stands by the result has it told anew, under an identity of its own. */
class ToldAnewTest {

    private static final Patient BORN =
            new Patient(new PatientId("MRN1", "HOSP"), null, null, LocalDate.of(1950, 1, 1), Patient.Sex.FEMALE);
    private static final Patient OTHER =
            new Patient(new PatientId("MRN9", "HOSP"), null, null, LocalDate.of(1988, 8, 8), Patient.Sex.MALE);

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void reportAndWithdraw() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("anew"), "sa", null));
        life.pacs.imaged = BORN;
        life.pacs.has(1, OrderLife.ANN);
        id = life.place(1);
        life.pipeline.run(id);
        life.deliver();
        withdraw();
    }

    @AfterEach
    void close() {
        life.close();
    }

    private void withdraw() {
        life.receive(new OrderEvent.PatientMerged(BORN.id(), OTHER));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
    }

    /** The merge was wrong and is undone; then a person tries the job again. */
    private void standBy() {
        life.receive(new OrderEvent.PatientMerged(OTHER.id(), BORN));
        life.control.retry(id, "ann");
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
        life.deliver();
    }

    private static List<String> identities(FakeDestination at) {
        return at.got().stream().map(report -> report.key().identifier()).toList();
    }

    @Test
    void who_stands_by_a_withdrawn_result_has_it_told_anew_to_all_who_were_told_of_the_withdrawal() {
        standBy();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        for (FakeDestination at : List.of(life.ehr, life.hl7)) {
            assertThat(at.got())
                    .extracting(FindingReport::kind)
                    .containsExactly(Kind.FIRST, Kind.WITHDRAWN, Kind.FIRST);
            assertThat(identities(at).get(2)).isEqualTo(identities(at).get(0) + "-e1");
            assertThat(at.got().get(2).order().patient().id()).isEqualTo(BORN.id());
            assertThat(at.got().get(2).key().messageControlId("FIRST"))
                    .isNotEqualTo(at.got().get(0).key().messageControlId("FIRST"));
            assertThat(at.got().get(2).mask().sopInstanceUid())
                    .as("the mask is the same")
                    .isEqualTo(at.got().get(0).mask().sopInstanceUid());
        }
        assertThat(life.pacs.stored).as("and stored once").hasSize(1);
    }

    @Test
    void telling_anew_happens_once_and_may_be_withdrawn_and_told_anew_again() {
        standBy();
        assertThat(life.late.look()).isZero();
        life.deliver();
        assertThat(life.ehr.got()).hasSize(3);
        withdraw();
        standBy();
        assertThat(life.ehr.got())
                .extracting(FindingReport::kind)
                .containsExactly(Kind.FIRST, Kind.WITHDRAWN, Kind.FIRST, Kind.WITHDRAWN, Kind.FIRST);
        assertThat(identities(life.ehr).get(4)).endsWith("-e2");
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_better_look_afterwards_corrects_what_was_told_anew() {
        standBy();
        life.pacs.alsoHas("CT", 40);
        life.pacs.inputDigest = "ef".repeat(32);
        assertThat(life.late.look()).isEqualTo(1);
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
        life.deliver();
        FindingReport last = life.ehr.got().getLast();
        assertThat(last.kind()).isEqualTo(Kind.CORRECTED);
        assertThat(last.supersedes()).endsWith("-e1");
    }

    @Test
    void nothing_is_told_anew_while_the_patient_is_in_doubt() {
        life.control.retry(id, "ann");
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.ehr.got()).extracting(FindingReport::kind).containsExactly(Kind.FIRST, Kind.WITHDRAWN);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
    }
}
