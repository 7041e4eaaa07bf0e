package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.OrdersUnderWay;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to an order, on any database that we support. */
abstract class OrderLifeContract {

    private OrderLife life;

    abstract Database open() throws Exception;

    @BeforeEach
    void begin() throws Exception {
        life = new OrderLife(open());
    }

    @AfterEach
    void end() {
        life.close();
    }

    private static OrderKey byAccession() {
        return new OrderKey(null, new AccessionNumber("ACC1"), null, null);
    }

    @Test
    void positive_study_is_stored_reported_and_ends_once() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        assertThat(life.pipeline.run(id)).isEqualTo(new Next.Done());
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.job(id).reportedAt()).isNotNull();
        assertThat(life.pacs.stored).hasSize(1);
        FindingReport report = life.ehr.got().getFirst();
        assertThat(report.mask().sopInstanceUid()).isEqualTo(life.pacs.stored.getFirst());
        assertThat(life.hl7.got()).hasSize(1);
        assertThat(life.audit.events().stream().map(AuditEvent::type))
                .contains(
                        "MessageReceived",
                        "StudyQueried",
                        "StudyFetched",
                        "StudyAnalyzed",
                        "DeliveryIntended",
                        "DeliveryEnded");
    }

    @Test
    void a_waiting_order_is_told_once_and_forgotten_when_it_is_cancelled() {
        OrdersUnderWay underWay = new OrdersUnderWay(life.database, life.jobs, new FakeTeller(_ -> true), life.clock);
        life.place(1);
        life.clock.pass(OrdersUnderWay.QUIET);
        assertThat(underWay.tell()).isEqualTo(1);
        assertThat(underWay.tell()).isZero();
        life.receive(new OrderEvent.Cancelled(
                OrderLife.order("1.2.3.4", "ACC1", OrderLife.ANN, 1).key(), "revoked"));
        assertThat(underWay.tell()).isEqualTo(1);
        assertThat(underWay.tell()).isZero();
    }

    @Test
    void an_order_called_off_after_its_result_is_told_once() {
        FakeTeller teller = new FakeTeller(_ -> true);
        OrdersUnderWay underWay = new OrdersUnderWay(life.database, life.jobs, teller, life.clock);
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.deliver();
        for (int i = 0; i < 2; i++) {
            life.receive(new OrderEvent.Cancelled(life.job(id).order().key(), "revoked " + i));
        }
        assertThat(underWay.tell()).isEqualTo(1);
        assertThat(underWay.tell()).isZero();
        assertThat(teller.calledOff).containsExactly(JobState.REPORTED_POSITIVE);
    }

    @Test
    void negative_study_has_no_mask_and_is_reported() {
        life.pacs.probability = 0.1;
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
        assertThat(life.pacs.stored).isEmpty();
    }

    @Test
    void the_same_message_again_gets_the_stored_reply_and_changes_nothing() {
        OrderEvent placed = new OrderEvent.Placed(OrderLife.order("1.2.3.4", "ACC1", OrderLife.ANN, 1), null);
        Receipt first = life.receive("CTRL", "body", placed);
        Receipt again = life.receive("CTRL", "body", placed);
        assertThat(again).isEqualTo(new Receipt.Repeated(((Receipt.Recorded) first).reply()));
        assertThat(life.receive("CTRL", "another body", placed)).isEqualTo(new Receipt.IdReused());
        assertThat(life.jobCount()).isEqualTo(1);
    }

    @Test
    void messages_that_come_at_once_lose_nothing_and_double_nothing() {
        int links = 6;
        int each = 12;
        Queue<Receipt> receipts = new ConcurrentLinkedQueue<>();
        List<Thread> threads = IntStream.range(0, links)
                .mapToObj(link -> Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < each; i++) {
                        receipts.add(life.receive("ID" + i, "body " + i, orderNumber(i)));
                        receipts.add(life.receive("ID" + link + "-" + i, "own", orderNumber(i)));
                    }
                }))
                .toList();
        threads.forEach(OrderLifeContract::join);
        assertThat(receipts).hasSize(2 * links * each);
        assertThat(receipts.stream().filter(Receipt.Repeated.class::isInstance)).hasSize((links - 1) * each);
        assertThat(receipts.stream().filter(Receipt.Recorded.class::isInstance)).hasSize(each + links * each);
        assertThat(life.jobCount()).isEqualTo(each);
    }

    private static OrderEvent orderNumber(int i) {
        OrderKey key = new OrderKey(null, new AccessionNumber("ACC" + i), "PL" + i, null);
        return new OrderEvent.Placed(
                OrderLife.order(null, "ACC", OrderLife.ANN, 1).withKey(key), null);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void one_study_from_two_sources_is_one_job() {
        String byHl7 = life.place(null);
        Receipt.Recorded byFhir = (Receipt.Recorded)
                life.receive(new OrderEvent.Placed(OrderLife.order("1.2.3.4", null, OrderLife.ANN, 7), null));
        assertThat(OrderLife.jobOf(byFhir)).isEqualTo(byHl7);
        assertThat(life.job(byHl7).order().expectedInstances()).isEqualTo(7);
    }

    @Test
    void an_order_by_accession_learns_its_study_and_a_second_order_for_it_is_cancelled() {
        Receipt.Recorded one = (Receipt.Recorded)
                life.receive(new OrderEvent.Placed(OrderLife.order(null, "ACC1", OrderLife.ANN, 1), null));
        String first = OrderLife.jobOf(one);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(first);
        assertThat(life.job(first).order().key().studyUid()).isEqualTo(FakePacs.STUDY);
        OrderKey other = new OrderKey(null, new AccessionNumber("ACC2"), null, null);
        Receipt.Recorded two = (Receipt.Recorded) life.receive(new OrderEvent.Placed(
                OrderLife.order(null, "ACC2", OrderLife.ANN, 1).withKey(other), null));
        String second = OrderLife.jobOf(two);
        assertThat(second).isNotEqualTo(first);
        life.pipeline.run(second);
        assertThat(life.job(second).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void waits_for_the_promised_count_else_for_a_quiet_period() {
        String id = life.place(3);
        life.pacs.has(2, OrderLife.ANN);
        assertThat(life.pipeline.run(id)).isInstanceOf(Next.At.class);
        life.clock.pass(Duration.ofMinutes(2));
        assertThat(life.pipeline.run(id)).isInstanceOf(Next.At.class);
        life.pacs.has(3, OrderLife.ANN);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void without_a_promise_a_study_that_stands_still_is_complete() {
        String id = life.place(null);
        life.pacs.has(2, OrderLife.ANN);
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(5));
        life.pacs.has(4, OrderLife.ANN);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.clock.pass(Duration.ofSeconds(10));
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void images_that_never_come_are_overdue_then_not_analyzed_and_said_so() {
        String id = life.place(1);
        life.pipeline.run(id);
        life.clock.pass(Duration.ofMinutes(61));
        life.pipeline.run(id);
        assertThat(life.job(id).overdue()).isTrue();
        life.clock.pass(Duration.ofHours(24));
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.NOT_ANALYZED);
        assertThat(life.job(id).reason()).contains("time limit");
        assertThat(life.ehr.got()).hasSize(1);
    }

    @Test
    void other_patient_in_the_archive_or_in_the_images_holds_the_order() {
        Patient other = Patient.known(new PatientId("MRN2", "HOSP"));
        String id = life.place(1);
        life.pacs.has(1, other);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.imaged = other;
        assertThat(life.control.retry(id, "ann")).isEqualTo(new JobControl.Retry.Going(JobState.WAITING_FOR_IMAGES));
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.ehr.got()).isEmpty();
    }

    @Test
    void several_studies_under_one_accession_hold_the_order() {
        String id = life.place(1);
        life.pacs.answer = new StudyLookup.Ambiguous(2);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
    }

    @Test
    void pacs_that_is_down_costs_time_and_nothing_else() {
        String id = life.place(1);
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.UNREACHABLE, "connection refused");
        for (int i = 0; i < 10; i++) {
            assertThat(life.pipeline.run(id)).isInstanceOf(Next.At.class);
            life.clock.pass(Duration.ofMinutes(1));
        }
        life.pacs.fault = () -> null;
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void a_job_that_breaks_again_and_again_fails_and_can_be_retried() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.during = () -> {
            throw new IllegalStateException("poison");
        };
        for (int i = 0; i < 5; i++) {
            life.pipeline.run(id);
        }
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
        life.pacs.during = () -> {};
        life.control.retry(id, "ann");
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void cancelling_before_during_and_after_inference() {
        String before = life.place(1);
        life.receive(new OrderEvent.Cancelled(byAccession(), "not wanted"));
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(before);
        assertThat(life.job(before).state()).isEqualTo(JobState.CANCELLED);
        assertThat(life.pacs.analyses).isZero();

        assertThat(life.place(1)).as("placed again under the same number").isEqualTo(before);
        life.pacs.during = () -> life.receive(new OrderEvent.Cancelled(byAccession(), "not wanted"));
        life.pipeline.run(before);
        assertThat(life.job(before).state()).isEqualTo(JobState.CANCELLED);
        assertThat(life.outbox(before)).isEmpty();

        life.pacs.during = () -> {};
        life.place(1);
        life.pipeline.run(before);
        Receipt.Recorded late = (Receipt.Recorded) life.receive(new OrderEvent.Cancelled(byAccession(), "not wanted"));
        assertThat(late.outcomes().getFirst()).isInstanceOf(OrderEvent.Outcome.Unable.class);
        life.deliver();
        assertThat(life.job(before).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void hold_and_release() {
        String id = life.place(1);
        life.receive(new OrderEvent.Held(byAccession(), "held by the RIS"));
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        life.receive(new OrderEvent.Released(byAccession()));
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void what_is_learned_of_an_order_during_inference_is_kept() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.during = () -> life.receive(
                new OrderEvent.HumanReport(byAccession().about(OrderLife.ANN.id()), "F", life.clock.instant(), false));
        life.pipeline.run(id);
        assertThat(life.job(id).humanSays()).isFalse();
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void a_destination_that_is_away_gets_the_report_later_and_once() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.ehr.outcomes().add(new Outcome.Retry("503", null));
        life.ehr.outcomes().add(new Outcome.Retry("429", Duration.ofSeconds(30)));
        life.deliver();
        assertThat(life.hl7.got()).hasSize(1);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
        life.clock.pass(Duration.ofSeconds(2));
        life.deliver();
        life.clock.pass(Duration.ofSeconds(29));
        life.deliver();
        assertThat(life.ehr.got()).isEmpty();
        life.clock.pass(Duration.ofSeconds(2));
        life.deliver();
        assertThat(life.ehr.got()).hasSize(1);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_report_waits_for_no_mask_and_a_mask_that_comes_late_is_told_to_nobody() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        for (int i = 0; i < 30; i++) {
            life.pacs.storeOutcomes.add(new Outcome.Retry("timeout", Duration.ofHours(2)));
        }
        for (int minute = 0; minute < 30; minute++) {
            life.deliver();
            assertThat(life.ehr.got()).hasSize(1);
            assertThat(life.hl7.got()).hasSize(1);
            assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
            life.clock.pass(Duration.ofMinutes(1));
        }
        assertThat(life.ehr.got().getFirst().mask()).isNotNull();
        life.pacs.storeOutcomes.clear();
        life.clock.pass(Duration.ofMinutes(1));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.pacs.stored)
                .containsExactly(life.ehr.got().getFirst().mask().sopInstanceUid());
        assertThat(life.ehr.got()).hasSize(1);
        assertThat(life.hl7.got()).hasSize(1);
    }

    @Test
    void a_mask_that_is_refused_for_good_is_taken_back_once_and_given_back_once_when_it_is_stored_after_all() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.deliver(Schedule.Queue.EHR);
        life.pacs.storeOutcomes.add(new Outcome.Refused("409"));
        life.deliver();
        assertThat(life.hl7.got())
                .as("it was not told of a mask yet")
                .extracting(FindingReport::kind, FindingReport::mask)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(FindingReport.Kind.FIRST, null));
        assertThat(life.ehr.got())
                .extracting(FindingReport::kind)
                .containsExactly(FindingReport.Kind.FIRST, FindingReport.Kind.MASK_REFUSED);
        assertThat(life.ehr.got().getLast().readableMask()).isNull();
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
        assertThat(life.job(id).reason()).contains("pacs");

        life.pacs.storeOutcomes.add(new Outcome.Refused("409"));
        life.control.retry(id, "ann");
        life.deliver();
        assertThat(life.ehr.got()).as("refused again: nothing new to tell").hasSize(2);
        assertThat(life.hl7.got()).hasSize(1);

        life.control.retry(id, "ann");
        life.deliver();
        assertThat(life.pacs.stored).hasSize(1);
        assertThat(life.ehr.got())
                .extracting(FindingReport::kind)
                .containsExactly(
                        FindingReport.Kind.FIRST, FindingReport.Kind.MASK_REFUSED, FindingReport.Kind.MASK_STORED);
        assertThat(life.hl7.got())
                .extracting(FindingReport::kind)
                .containsExactly(FindingReport.Kind.FIRST, FindingReport.Kind.MASK_STORED);
        assertThat(life.hl7.got().getLast().readableMask().sopInstanceUid()).isEqualTo(life.pacs.stored.getFirst());
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_receiver_that_hangs_with_many_waiting_keeps_no_other_waiting_and_is_asked_seldom() {
        List<String> ids = IntStream.range(0, 12).mapToObj(this::placeAndFind).toList();
        for (int i = 0; i < 1_000; i++) {
            life.ehr.outcomes().add(new Outcome.Retry("timeout", null));
        }
        for (int minute = 0; minute < 10; minute++) {
            life.deliver();
            life.clock.pass(Duration.ofMinutes(1));
        }
        assertThat(life.hl7.got()).hasSize(12);
        assertThat(life.ehr.got()).isEmpty();
        int tries = 1_000 - life.ehr.outcomes().size();
        assertThat(tries).as("tries in ten minutes for twelve reports").isBetween(10, 40);
        life.ehr.outcomes().clear();
        life.clock.pass(Breaker.PAUSE);
        life.clock.pass(Duration.ofMinutes(1));
        life.deliver();
        assertThat(life.ehr.got()).as("the first that is answered lets all go").hasSize(12);
        assertThat(ids).allSatisfy(id -> assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE));
    }

    /** Another order whose finding is there. */
    private String placeAndFind(int n) {
        String study = "1.2.3.4." + (100 + n);
        life.pacs.study = new StudyUid(study);
        life.pacs.has(1, OrderLife.ANN);
        Receipt.Recorded placed = (Receipt.Recorded) life.receive(new OrderEvent.Placed(
                OrderLife.order(study, "ACC1", OrderLife.ANN, 1)
                        .withKey(new OrderKey(new StudyUid(study), null, null, null)),
                null));
        String id = OrderLife.jobOf(placed);
        life.pipeline.run(id);
        return id;
    }

    @Test
    void one_report_that_the_receiver_chokes_on_never_stops_the_others() {
        Breaker breaker = new Breaker("receiver", life.clock);
        for (int i = 0; i < 100; i++) {
            assertThat(breaker.enter()).isTrue();
            breaker.away("the same", "http-503");
        }
        breaker.away("another", "http-503");
        assertThat(breaker.enter()).as("two in a row: it is away").isFalse();
        life.clock.pass(Breaker.PAUSE);
        assertThat(breaker.enter()).as("a probe").isTrue();
        assertThat(breaker.enter()).as("no second one").isFalse();
        assertThat(breaker.answered()).isTrue();
        assertThat(breaker.enter()).isTrue();
    }

    @Test
    void a_patient_that_the_ehr_disagrees_about_holds_the_job_until_a_person_retries() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.ehr.outcomes().add(new Outcome.Mismatch("birth date"));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        life.control.retry(id, "ann");
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_merge_into_another_person_withdraws_what_was_filed() {
        Patient born =
                new Patient(new PatientId("MRN1", "HOSP"), null, null, LocalDate.of(1950, 1, 1), Patient.Sex.FEMALE);
        life.pacs.imaged = born;
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.deliver();
        Patient other =
                new Patient(new PatientId("MRN9", "HOSP"), null, null, LocalDate.of(1988, 8, 8), Patient.Sex.MALE);
        life.receive(new OrderEvent.PatientMerged(new PatientId("MRN1", "HOSP"), other));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.ehr.got())
                .extracting(FindingReport::kind)
                .containsExactly(FindingReport.Kind.FIRST, FindingReport.Kind.WITHDRAWN);
        assertThat(life.hl7.got()).hasSize(2);
        assertThat(life.job(id).order().patient().id().value()).isEqualTo("MRN9");
    }

    @Test
    void a_frozen_worker_that_comes_back_cannot_write() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.during = () -> {
            life.pacs.during = () -> {};
            life.pipeline.run(id); // another server took over meanwhile
        };
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.ehr.got()).hasSize(1);
        assertThat(life.outbox(id)).hasSize(3);
    }

    @Test
    void the_sweep_finds_what_no_queue_has() {
        String id = life.place(1);
        life.database.inTransaction(handle -> handle.execute("delete from scheduled_job"));
        assertThat(life.control.sweep()).isEqualTo(1);
        assertThat(life.control.sweep()).isZero();
        assertThat(life.job(id).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
    }

    static List<String> tables() {
        return List.of(
                "made_resource",
                "delivery",
                "order_name",
                "ehr_task",
                "job",
                "job_count",
                "inbox",
                "analysis_attempt",
                "scheduled_job",
                "scheduled_pacs",
                "scheduled_ehr",
                "scheduled_hl7");
    }
}
