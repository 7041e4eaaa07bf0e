package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A delivery that ends its process, or that cannot even be read, does so a bounded number of times, and holds up no other. */
class DeliveryThatKillsTest {

    /** As kill -9 would: nothing that runs afterwards in this process counts. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void find() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("kills"), "sa", null));
        id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
    }

    @AfterEach
    void close() {
        life.close();
    }

    private Outbox.Delivery toEhr() {
        return life.outbox(id).stream()
                .filter(delivery -> delivery.destination().equals("ehr"))
                .findFirst()
                .orElseThrow();
    }

    private int deathsUntilGivenUp(int most) {
        String delivery = toEhr().id();
        for (int deaths = 0; deaths < most; deaths++) {
            life.ehr.meanwhile().add(() -> {
                throw new Killed();
            });
            Next next = null;
            while (next == null || next instanceof Next.At) {
                if (next instanceof Next.At at) {
                    life.clock.pass(Duration.between(life.clock.instant(), at.when()));
                }
                try {
                    next = life.deliveries.run(delivery);
                } catch (Killed e) {
                    break;
                }
            }
            if (next instanceof Next.Done) {
                life.ehr.meanwhile().clear();
                return deaths;
            }
        }
        return most;
    }

    @Test
    void a_delivery_whose_attempts_never_end_is_given_up_and_a_person_can_try_it_again() {
        assertThat(deathsUntilGivenUp(50)).isEqualTo(DeliveryRun.UNFINISHED_MAX);
        assertThat(toEhr().state()).isEqualTo(Outbox.State.DEAD);
        life.deliver();
        assertThat(life.hl7.got()).as("the others are told").hasSize(1);
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
        assertThat(life.job(id).reason()).contains("died in each of 10 attempts");

        life.control.retry(id, "ann");
        life.deliver();
        assertThat(life.ehr.got()).hasSize(1);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void attempts_are_made_at_once_after_a_few_deaths_and_then_ever_more_seldom() {
        var began = life.clock.instant();
        deathsUntilGivenUp(DeliveryRun.UNFINISHED_AT_ONCE);
        assertThat(life.clock.instant()).isEqualTo(began);
        deathsUntilGivenUp(DeliveryRun.UNFINISHED_MAX);
        assertThat(Duration.between(began, life.clock.instant())).isGreaterThan(Duration.ofMinutes(5));
    }

    @Test
    void an_attempt_that_ends_clears_the_count() {
        deathsUntilGivenUp(2);
        assertThat(toEhr().unfinished()).isEqualTo(2);
        life.ehr.outcomes().add(new io.bloodnet.imaging.finding.Destination.Outcome.Retry("busy", null));
        life.deliveries.run(toEhr().id());
        assertThat(toEhr().unfinished()).isZero();
        assertThat(toEhr().attempts()).isEqualTo(3);
    }

    @Test
    void a_report_that_cannot_be_read_is_tried_again_and_holds_up_no_other() {
        database("update delivery set report_json = '{' where destination = 'ehr'");
        life.deliver();
        assertThat(life.hl7.got()).extracting(FindingReport::kind).containsExactly(FindingReport.Kind.FIRST);
        assertThat(life.pacs.stored).hasSize(1);
        assertThat(toEhr().state()).isEqualTo(Outbox.State.PENDING);
        assertThat(toEhr().attempts()).isPositive();
        life.clock.pass(Duration.ofHours(25));
        life.deliver();
        assertThat(toEhr().state()).isEqualTo(Outbox.State.DEAD);
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void the_attempt_is_counted_before_the_report_is_read() {
        life.ehr.meanwhile().add(() -> {
            assertThat(toEhr().attempts()).isEqualTo(1);
            assertThat(toEhr().unfinished()).isEqualTo(1);
            throw new Killed();
        });
        assertThatExceptionOfType(Killed.class).isThrownBy(() -> life.deliveries.run(toEhr().id()));
        assertThat(List.of(toEhr().attempts(), toEhr().unfinished())).containsExactly(1, 1);
    }

    private void database(String sql) {
        life.database.inTransaction(handle -> handle.execute(sql));
    }
}
