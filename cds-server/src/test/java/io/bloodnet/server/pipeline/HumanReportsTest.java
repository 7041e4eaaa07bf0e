package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What radiologists report is linked to the AI's result as agreement or disagreement, and changes neither. */
class HumanReportsTest {

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("human"), "sa", null));
        id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
    }

    @AfterEach
    void close() {
        life.close();
    }

    @ParameterizedTest
    @CsvSource({"0.9,true,agreement", "0.9,false,disagreement", "0.1,true,disagreement", "0.1,false,agreement", "0.9,,"
    })
    void a_final_report_agrees_or_disagrees_with_the_result_and_changes_nothing_of_it(
            double probability, @Nullable Boolean says, @Nullable String expected) {
        life.pacs.probability = probability;
        analyze();
        Job before = life.job(id);
        int delivered = life.ehr.got().size() + life.hl7.got().size();

        report("F", says, life.clock.instant());
        life.deliver();
        assertThat(agreements()).singleElement().isEqualTo(expected);
        assertThat(life.job(id).state()).isEqualTo(before.state());
        assertThat(life.job(id).finding()).isEqualTo(before.finding());
        assertThat(life.ehr.got().size() + life.hl7.got().size())
                .as("nothing more is filed")
                .isEqualTo(delivered);
    }

    @Test
    void an_amendment_is_linked_too_and_the_last_word_counts() {
        analyze();
        Instant first = life.clock.instant();
        report("F", true, first);
        life.clock.pass(Duration.ofHours(1));
        report("C", false, life.clock.instant());
        assertThat(agreements()).containsExactly("agreement", "disagreement");
        assertThat(life.job(id).humanSays()).isFalse();

        report("F", true, first);
        assertThat(agreements()).as("the first one again, late").hasSize(2);
        assertThat(life.job(id).humanSays()).isFalse();
    }

    @Test
    void a_correction_counts_when_it_arrives_whatever_its_clock_says() {
        analyze();
        Instant first = life.clock.instant();
        report("F", false, first);
        life.clock.pass(Duration.ofHours(1));
        report("C", true, first.minus(Duration.ofDays(365)));
        assertThat(life.job(id).humanSays()).as("a clock in the past").isTrue();
        life.clock.pass(Duration.ofMinutes(1));
        report("F", false, first);
        assertThat(life.job(id).humanSays()).as("the first one again, late").isTrue();
    }

    @Test
    void a_clock_that_is_ahead_outlasts_no_correction() {
        analyze();
        report("F", false, Instant.parse("2099-01-01T00:00:00Z"));
        assertThat(life.job(id).humanReadAt()).isEqualTo(life.clock.instant());
        life.clock.pass(Duration.ofHours(1));
        report("F", true, life.clock.instant());
        assertThat(life.job(id).humanSays()).isTrue();
    }

    @Test
    void a_report_before_the_result_is_linked_when_there_is_one() {
        report("F", false, life.clock.instant());
        assertThat(agreements()).as("nothing to compare with").containsExactly((String) null);
        analyze();
        assertThat(agreements()).containsExactly(null, "disagreement");
    }

    @Test
    void a_preliminary_report_is_not_a_last_word() {
        analyze();
        Receipt.Recorded recorded = (Receipt.Recorded) report("P", true, life.clock.instant());
        assertThat(recorded.outcomes().getFirst()).isInstanceOf(OrderEvent.Outcome.Ignored.class);
        assertThat(agreements()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"W", "D", "X"})
    void a_report_that_is_taken_back_leaves_the_suspicion_open_as_if_nobody_had_read_it(String status) {
        analyze();
        Instant said = life.clock.instant();
        report("F", false, said);
        assertThat(life.job(id).isReadByHuman()).isTrue();
        life.clock.pass(Duration.ofHours(1));
        assertThat(((Receipt.Recorded) report(status, null, said)).outcomes().getFirst())
                .isInstanceOf(OrderEvent.Outcome.Applied.class);
        Job open = life.job(id);
        assertThat(open.isReadByHuman()).isFalse();
        assertThat(open.humanSays()).isNull();
        assertThat(open.humanTakenBackAt()).isEqualTo(life.clock.instant());
        assertThat(open.state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(open.reason()).contains("open again");
        assertThat(life.audit
                        .events(AuditEvent.HumanReportLinked.class)
                        .getLast()
                        .report())
                .isEqualTo("report with status " + status);

        report("F", false, said);
        assertThat(life.job(id).isReadByHuman()).as("the same again, late").isFalse();
        life.clock.pass(Duration.ofHours(1));
        report("F", true, life.clock.instant());
        assertThat(life.job(id).isReadByHuman()).as("a new one").isTrue();
        assertThat(life.job(id).humanSays()).isTrue();
        assertThat(life.job(id).humanTakenBackAt()).isNull();
    }

    @Test
    void taken_back_before_it_came_it_does_not_count_when_it_comes() {
        analyze();
        Instant said = life.clock.instant();
        life.clock.pass(Duration.ofHours(1));
        report("W", null, said);
        report("F", false, said.minusSeconds(60));
        assertThat(life.job(id).isReadByHuman()).isFalse();
        report("C", false, said);
        assertThat(life.job(id).isReadByHuman())
                .as("a correction counts because it arrived")
                .isTrue();
    }

    @Test
    void a_clock_that_is_ahead_in_what_takes_back_outlasts_no_new_report() {
        analyze();
        report("F", false, life.clock.instant());
        report("W", null, Instant.parse("2099-01-01T00:00:00Z"));
        life.clock.pass(Duration.ofMinutes(1));
        report("F", false, life.clock.instant());
        assertThat(life.job(id).isReadByHuman()).isTrue();
    }

    @Test
    void another_report_on_the_study_that_is_taken_back_takes_nothing_from_the_one_that_counts() {
        analyze();
        named("F", "DiagnosticReport/1");
        named("W", "DiagnosticReport/2");
        named("X", "DiagnosticReport/2");
        assertThat(life.job(id).isReadByHuman()).isTrue();
        named("X", "DiagnosticReport/1");
        assertThat(life.job(id).isReadByHuman()).isFalse();
    }

    @Test
    void a_placeholder_that_is_cancelled_takes_nothing_from_a_report_of_another_way() {
        analyze();
        report("F", false, life.clock.instant());
        named("X", "DiagnosticReport/2");
        assertThat(life.job(id).isReadByHuman()).isTrue();
        named("W", "DiagnosticReport/2");
        assertThat(life.job(id).isReadByHuman())
                .as("entered in error may be the same report")
                .isFalse();
    }

    @Test
    void a_word_that_is_taken_back_before_the_result_leaves_no_word() {
        report("F", false, life.clock.instant());
        report("W", null, life.clock.instant());
        analyze();
        assertThat(life.job(id).isReadByHuman()).isFalse();
        assertThat(agreements()).containsOnlyNulls();
    }

    private static OrderKey key() {
        return new OrderKey(null, new AccessionNumber("ACC1"), null, null).about(OrderLife.ANN.id());
    }

    @Test
    void a_report_that_names_no_patient_does_not_count_and_the_job_says_that_it_came() {
        analyze();
        OrderKey nobody = key().about(null);
        Receipt.Recorded recorded = (Receipt.Recorded)
                life.receive("R9", "body", new OrderEvent.HumanReport(nobody, "F", life.clock.instant(), false));
        assertThat(recorded.outcomes().getFirst()).isInstanceOf(OrderEvent.Outcome.Unable.class);
        assertThat(life.job(id).isReadByHuman()).isFalse();
        assertThat(life.job(id).reason()).contains("names no patient");
    }

    @Test
    void a_report_that_names_the_study_needs_no_patient() {
        analyze();
        OrderKey study = new OrderKey(FakePacs.STUDY, null, null, null);
        life.receive(new OrderEvent.HumanReport(study, "F", life.clock.instant(), false));
        assertThat(life.job(id).isReadByHuman()).isTrue();
    }

    @Test
    void a_word_is_taken_back_without_a_patient_too() {
        analyze();
        report("F", false, life.clock.instant());
        life.clock.pass(Duration.ofMinutes(1));
        life.receive(new OrderEvent.HumanReport(key().about(null), "W", life.clock.instant(), null));
        assertThat(life.job(id).isReadByHuman()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"NEW1,MRN1,true", "MRN1,NEW1,true", "NEW1,OTHER9,false"})
    void a_patient_of_two_numbers_is_the_order_s_when_one_of_them_is(String first, String second, boolean counts) {
        analyze();
        OrderKey merged = key().about(new PatientId(first, "HOSP"), List.of(new PatientId(second, "HOSP")));
        life.receive(new OrderEvent.HumanReport(merged, "F", life.clock.instant(), false));
        assertThat(life.job(id).isReadByHuman()).isEqualTo(counts);
    }

    private void named(String status, String report) {
        OrderKey key = key();
        life.clock.pass(Duration.ofSeconds(1));
        life.receive(new OrderEvent.HumanReport(key, status, life.clock.instant(), null, report));
    }

    private void analyze() {
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state().isTerminal()).isTrue();
    }

    private Receipt report(String status, @Nullable Boolean says, Instant at) {
        return life.receive(new OrderEvent.HumanReport(key(), status, at, says));
    }

    private List<@Nullable String> agreements() {
        return life.audit.events(AuditEvent.HumanReportLinked.class).stream()
                .map(AuditEvent.HumanReportLinked::agreement)
                .toList();
    }
}
