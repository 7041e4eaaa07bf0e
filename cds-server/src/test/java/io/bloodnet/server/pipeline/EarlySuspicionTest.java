package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A suspicion is told while the images arrive; a negative, and what cannot be analyzed, only of a complete study. */
class EarlySuspicionTest {

    private static final OrderKey KEY = new OrderKey(null, new AccessionNumber("ACC1"), null, null);

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("early"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private void run(String id) {
        life.pipeline.run(id);
        life.deliver();
    }

    private void has(int slices) {
        life.pacs.has(slices, OrderLife.ANN);
        life.pacs.inputDigest = Sha256.hex(new byte[] {(byte) slices});
    }

    private List<Kind> told() {
        return life.ehr.got().stream().map(FindingReport::kind).toList();
    }

    private boolean saysArriving(FindingReport report) {
        return report.finding() instanceof Finding.Analyzed a
                && a.flags().contains(InputFlag.IMAGES_MAY_STILL_BE_ARRIVING);
    }

    @Test
    void a_suspicion_is_told_at_the_first_sight_of_the_images_and_once_when_nothing_is_added() {
        String id = life.place(null);
        has(30);
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST);
        assertThat(saysArriving(life.ehr.got().getFirst())).isTrue();
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.job(id).reportedAt()).isEqualTo(life.clock.instant());

        life.clock.pass(Duration.ofSeconds(10));
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(((Finding.Analyzed) life.job(id).finding()).flags())
                .as("all images are known to be there")
                .doesNotContain(InputFlag.IMAGES_MAY_STILL_BE_ARRIVING);
        assertThat(told()).as("the same finding is told once").containsExactly(Kind.FIRST);
        assertThat(life.hl7.got()).hasSize(1);
        assertThat(life.pacs.stored).hasSize(1);
        assertThat(life.pacs.analyses)
                .as("what was seen is not looked at again")
                .isEqualTo(1);
        assertThat(fetches()).isEqualTo(1);
    }

    private @Nullable Long time(String id, String stage) {
        return life.database.read(handle -> handle.createQuery("select flag_" + stage + "_ms from job where id = :id")
                .bind("id", id)
                .map((row, context) -> {
                    long ms = row.getLong(1);
                    return row.wasNull() ? null : ms;
                })
                .one());
    }

    @Test
    void time_to_flag_counts_from_the_images_that_show_it_to_the_first_word_alone() {
        life.pacs.firm = false;
        String id = life.place(null);
        life.clock.pass(Duration.ofSeconds(100));
        has(12);
        run(id);
        assertThat(time(id, "card")).as("nothing was told").isNull();
        life.pacs.firm = true;
        has(20);
        life.pacs.during = () -> life.clock.pass(Duration.ofMillis(1_200));
        life.pipeline.run(id);
        life.clock.pass(Duration.ofMillis(300));
        life.deliver();
        assertThat(time(id, "card")).isEqualTo(1_200);
        assertThat(time(id, "ehr")).isEqualTo(1_500);
        assertThat(time(id, "hl7")).isEqualTo(1_500);
        has(33);
        run(id);
        life.clock.pass(Duration.ofSeconds(11));
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST, Kind.CORRECTED);
        assertThat(time(id, "ehr")).as("a correction is no first word").isEqualTo(1_500);
    }

    private long fetches() {
        return life.audit.events().stream()
                .filter(AuditEvent.StudyFetched.class::isInstance)
                .count();
    }

    @Test
    void images_that_are_added_correct_what_was_told_of_some_once() {
        String id = life.place(null);
        has(12);
        run(id);
        for (int slices = 13; slices <= 40; slices++) {
            life.clock.pass(Duration.ofMillis(500));
            has(slices);
            run(id);
            assertThat(told()).as("at %s slices", slices).containsExactly(Kind.FIRST);
        }
        life.clock.pass(Duration.ofSeconds(10));
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST, Kind.CORRECTED);
        assertThat(saysArriving(life.ehr.got().getLast())).isFalse();
        assertThat(life.ehr.got().getLast().supersedes())
                .isEqualTo(life.ehr.got().getFirst().key().identifier());
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_correction_comes_no_sooner_than_ten_seconds_after_what_it_corrects() {
        String id = life.place(20);
        has(12);
        run(id);
        has(20);
        life.clock.pass(Duration.ofSeconds(1));
        assertThat(life.pipeline.run(id))
                .isEqualTo(new Next.At(life.clock.instant().plusSeconds(9)));
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.clock.pass(Duration.ofSeconds(9));
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST, Kind.CORRECTED);
    }

    @Test
    void a_negative_never_leaves_before_the_study_is_complete() {
        life.pacs.probability = 0.1;
        String id = life.place(null);
        for (int slices = 1; slices <= 60; slices++) {
            has(slices);
            for (int poll = 0; poll < 3; poll++) {
                run(id);
                assertThat(life.outbox(id)).isEmpty();
                assertThat(life.job(id).finding()).isNull();
                assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
                life.clock.pass(Duration.ofMillis(3_300));
            }
        }
        has(61); // the last, 0.1 s before the quiet period would have ended
        run(id);
        assertThat(life.outbox(id)).isEmpty();
        life.clock.pass(Duration.ofSeconds(10));
        int looks = life.pacs.analyses;
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
        assertThat(life.pacs.analyses - looks)
                .as("61 slices were not looked at")
                .isEqualTo(1);
        assertThat(looks).as("looks while 60 slices came one by one").isLessThan(60);
    }

    @Test
    void a_study_that_stands_still_is_looked_at_whole_once_and_that_is_the_result_when_it_is_complete() {
        life.pacs.probability = 0.1;
        life.pacs.opens = true;
        String id = life.place(null);
        for (int slices = 10; slices <= 30; slices += 5) {
            has(slices);
            run(id);
            life.clock.pass(Duration.ofMillis(500));
        }
        assertThat(life.pacs.looks).containsExactly(true, true, true, true);
        for (int poll = 0; poll < 18; poll++) {
            run(id);
            life.clock.pass(Duration.ofMillis(500));
        }
        assertThat(life.outbox(id)).isEmpty();
        assertThat(life.pacs.looks).containsExactly(true, true, true, true, false);
        life.clock.pass(Duration.ofSeconds(1));
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
        assertThat(life.pacs.analyses).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(NotAnalyzedReason.class)
    void no_statement_never_leaves_before_the_study_is_complete(NotAnalyzedReason reason) {
        life.pacs.notAnalyzed = reason;
        String id = life.place(null);
        has(30);
        for (int poll = 0; poll < 9; poll++) {
            run(id);
            life.clock.pass(Duration.ofSeconds(1));
        }
        assertThat(life.outbox(id)).isEmpty();
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
    }

    @Test
    void a_negative_of_less_than_promised_never_leaves_while_images_may_come() {
        life.pacs.probability = 0.1;
        String id = life.place(33);
        has(32);
        for (int minute = 0; minute < 29; minute++) {
            run(id);
            life.clock.pass(Duration.ofMinutes(1));
        }
        assertThat(life.outbox(id)).isEmpty();
        has(33);
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
    }

    @Test
    void what_is_suspicious_at_the_rim_of_what_has_come_waits_for_its_neighbours() {
        life.pacs.firm = false;
        String id = life.place(null);
        has(20);
        run(id);
        assertThat(life.outbox(id)).isEmpty();
        life.pacs.firm = true;
        has(30);
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST);
    }

    @Test
    void a_negative_of_all_images_corrects_a_suspicion_of_some() {
        String id = life.place(null);
        has(12);
        run(id);
        has(33);
        life.pacs.probability = 0.1;
        run(id);
        life.clock.pass(Duration.ofSeconds(11));
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST, Kind.CORRECTED);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
    }

    @Test
    void a_look_at_the_same_slices_and_more_replaces_a_suspicion_although_a_gap_lies_in_what_is_new() {
        String id = life.place(null);
        life.pacs.judged = 10;
        has(12);
        run(id);
        life.pacs.judged = 31;
        life.pacs.flags = List.of(InputFlag.GAP);
        has(33);
        run(id);
        life.clock.pass(Duration.ofSeconds(11));
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST, Kind.CORRECTED);
        assertThat(life.job(id).reason()).isNull();
    }

    @Test
    void a_worse_look_at_all_images_leaves_the_suspicion() {
        String id = life.place(null);
        has(12);
        run(id);
        has(33);
        life.pacs.notAnalyzed = NotAnalyzedReason.NOT_A_HEAD;
        run(id);
        life.clock.pass(Duration.ofSeconds(11));
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.job(id).reason()).contains("the earlier finding stands");
    }

    @Test
    void images_that_stop_coming_leave_the_suspicion() {
        String id = life.place(33);
        has(12);
        run(id);
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.UNREACHABLE, "down");
        for (int hour = 0; hour < 25; hour++) {
            run(id);
            life.clock.pass(Duration.ofHours(1));
        }
        assertThat(told()).containsExactly(Kind.FIRST);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void other_patient_in_some_of_the_images_holds_the_order_and_tells_nothing() {
        life.pacs.imaged = Patient.known(new PatientId("MRN2", "HOSP"));
        String id = life.place(null);
        has(12);
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.outbox(id)).isEmpty();
    }

    @Test
    void an_order_that_is_cancelled_during_an_early_look_tells_nothing() {
        String id = life.place(null);
        has(12);
        life.pacs.during = () -> life.receive(new OrderEvent.Cancelled(KEY, "not wanted"));
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.CANCELLED);
        assertThat(life.outbox(id)).isEmpty();
    }

    @Test
    void an_order_is_cancelled_too_late_once_a_suspicion_was_told() {
        String id = life.place(null);
        has(12);
        run(id);
        Receipt.Recorded late = (Receipt.Recorded) life.receive(new OrderEvent.Cancelled(KEY, "not wanted"));
        assertThat(late.outcomes().getFirst()).isInstanceOf(OrderEvent.Outcome.Unable.class);
    }

    @Test
    void an_early_look_that_breaks_ends_no_order() {
        String id = life.place(null);
        life.pacs.during = () -> {
            throw new IllegalStateException("poison");
        };
        for (int slices = 8; slices < 60; slices++) {
            has(slices);
            run(id);
            life.clock.pass(Duration.ofSeconds(2));
        }
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.pacs.during = () -> {};
        life.clock.pass(Duration.ofSeconds(11));
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_patient_that_the_ehr_disagrees_about_holds_the_order_while_images_come() {
        String id = life.place(null);
        has(12);
        life.ehr.outcomes().add(new Destination.Outcome.Mismatch("birth date"));
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.job(id).hasSuspicion()).isFalse();
        life.clock.pass(Duration.ofSeconds(11));
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        life.control.retry(id, "ann");
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_late_series_with_a_bleed_is_told_without_a_quiet_period() {
        life.pacs.probability = 0.1;
        String id = life.place(33);
        has(33);
        run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
        life.clock.pass(Duration.ofMinutes(1));
        life.pacs.alsoHas("CT", 33);
        life.pacs.probability = 0.9;
        life.pacs.inputDigest = "ef".repeat(32);
        assertThat(life.late.look()).isEqualTo(1);
        run(id);
        assertThat(told()).containsExactly(Kind.FIRST, Kind.CORRECTED);
        assertThat(life.job(id).hasSuspicion()).isTrue();
    }

    @Test
    void the_archive_is_asked_twice_a_second_while_a_study_grows_and_when_its_quiet_period_ends() {
        life.pacs.probability = 0.1;
        String id = life.place(null);
        has(4);
        Instant first = life.clock.instant();
        List<Duration> pauses = new ArrayList<>();
        while (life.pipeline.run(id) instanceof Next.At at && pauses.size() < 20) {
            pauses.add(Duration.between(life.clock.instant(), at.when()));
            life.clock.pass(pauses.getLast());
        }
        assertThat(pauses.subList(0, 5)).containsOnly(Duration.ofMillis(500));
        assertThat(Duration.between(first, life.clock.instant()))
                .as("complete when the quiet period ends, not later")
                .isEqualTo(Duration.ofSeconds(10));
    }
}
