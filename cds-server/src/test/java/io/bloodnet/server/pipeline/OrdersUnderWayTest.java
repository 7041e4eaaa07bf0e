package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.OrdersUnderWay;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders that have no result for a while are told to the EHR, and nothing waits for that. */
class OrdersUnderWayTest {

    @TempDir
    Path folder;

    private final FakeTeller teller = new FakeTeller(this::hear);
    private final List<JobState> told = teller.told;
    private OrderLife life;
    private OrdersUnderWay underWay;
    private final List<String> asked = new ArrayList<>();
    private final Set<String> refused = new HashSet<>();
    private boolean away;
    private boolean again;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("under-way"), "sa", null));
        underWay = new OrdersUnderWay(life.database, life.jobs, teller, life.clock);
    }

    private boolean hear(Job job) {
        asked.add(job.order().key().accession().value());
        if (away || refused.contains(asked.getLast())) {
            throw new IllegalStateException("away");
        }
        return !again;
    }

    @AfterEach
    void close() {
        life.close();
    }

    private int remembered() {
        return life.database.read(handle -> handle.createQuery("select count(*) from ehr_task")
                .mapTo(int.class)
                .one());
    }

    @Test
    void what_ends_soon_is_told_by_its_result_alone() {
        String id = life.place(1);
        underWay.tell();
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.during = underWay::tell;
        life.pipeline.run(id);
        life.deliver();
        life.clock.pass(Duration.ofHours(1));
        underWay.tell();
        assertThat(told).isEmpty();
    }

    @Test
    void a_waiting_order_is_told_once_then_that_it_is_analyzed_and_forgotten_with_its_result() {
        String id = life.place(1);
        life.clock.pass(OrdersUnderWay.QUIET);
        assertThat(underWay.tell()).isEqualTo(1);
        assertThat(underWay.tell()).as("the same again").isZero();

        life.pacs.has(1, OrderLife.ANN);
        life.pacs.during = () -> {
            life.clock.pass(OrdersUnderWay.QUIET);
            underWay.tell();
        };
        life.pipeline.run(id);
        life.deliver();
        underWay.tell();
        assertThat(told).containsExactly(JobState.WAITING_FOR_IMAGES, JobState.ANALYZING);
        assertThat(remembered()).isZero();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_cancelled_order_is_told_when_it_was_told_of_before() {
        life.place(1);
        life.clock.pass(OrdersUnderWay.QUIET);
        underWay.tell();
        callOff();
        underWay.tell();
        underWay.tell();
        assertThat(told).containsExactly(JobState.WAITING_FOR_IMAGES, JobState.CANCELLED);
        assertThat(remembered()).isZero();
    }

    @Test
    void an_order_called_off_after_its_result_keeps_it_and_is_told_as_called_off_once() {
        String id = life.place(1);
        life.clock.pass(OrdersUnderWay.QUIET);
        underWay.tell();
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
        callOff();
        assertThat(underWay.tell()).as("the result comes first").isZero();
        life.deliver();
        away = true;
        underWay.tell();
        assertThat(teller.calledOff).isEmpty();
        away = false;
        life.clock.pass(OrdersUnderWay.ORDER_PAUSE);
        underWay.tell();
        underWay.tell();
        assertThat(teller.calledOff).containsExactly(JobState.REPORTED_POSITIVE);
        assertThat(remembered()).isZero();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);

        callOff();
        underWay.tell();
        assertThat(teller.calledOff)
                .as("said again: marking again changes nothing")
                .hasSize(2);
    }

    @Test
    void an_order_called_off_while_its_study_is_looked_at_again_is_told_once_that_has_ended() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.deliver();
        life.clock.pass(PipelineLimits.CORRECTIONS_EVERY);
        life.pacs.alsoHas("CT", 36);
        assertThat(life.late.look()).isEqualTo(1);
        life.pacs.during = () -> {
            callOff();
            life.clock.pass(OrdersUnderWay.QUIET);
            underWay.tell();
        };
        life.pipeline.run(id);
        life.deliver();
        assertThat(asked).as("nothing while it goes on").isEmpty();
        underWay.tell();
        assertThat(teller.calledOff).containsExactly(JobState.REPORTED_POSITIVE);
        assertThat(told).isEmpty();
    }

    private void callOff() {
        life.receive(new OrderEvent.Cancelled(
                OrderLife.order(FakePacs.STUDY.value(), "ACC1", OrderLife.ANN, 1)
                        .key(),
                "revoked"));
    }

    @Test
    void an_ehr_that_is_away_or_disagrees_is_told_again_later_and_keeps_no_result() {
        String id = life.place(1);
        life.clock.pass(OrdersUnderWay.QUIET);
        away = true;
        assertThat(underWay.tell()).isZero();
        away = false;
        assertThat(underWay.tell()).as("pauses").isZero();
        life.clock.pass(OrdersUnderWay.PAUSE);
        again = true;
        assertThat(underWay.tell()).isZero();
        life.pacs.has(1, OrderLife.ANN);
        away = true;
        life.pacs.during = underWay::tell;
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(told).containsExactly(JobState.WAITING_FOR_IMAGES);
    }

    @Test
    void orders_that_cannot_be_told_hold_up_no_other() {
        place("BAD1", "BAD2", "GOOD1", "GOOD2");
        refused.addAll(Set.of("BAD1", "BAD2"));
        assertThat(underWay.tell()).as("the good ones").isEqualTo(2);
        assertThat(told).hasSize(2);
        asked.clear();
        assertThat(underWay.tell()).isZero();
        assertThat(asked).as("each has its own pause").isEmpty();
        life.clock.pass(OrdersUnderWay.ORDER_PAUSE);
        underWay.tell();
        assertThat(asked).containsExactlyInAnyOrder("BAD1", "BAD2");
        life.clock.pass(OrdersUnderWay.ORDER_PAUSE);
        underWay.tell();
        assertThat(asked).as("later and later").hasSize(2);

        refused.clear();
        life.clock.pass(OrdersUnderWay.ORDER_PAUSE);
        assertThat(underWay.tell()).isEqualTo(2);
        assertThat(told).hasSize(4);
    }

    @Test
    void more_bad_orders_than_fit_in_one_go_hold_up_no_other() {
        for (int i = 0; i < 25; i++) {
            place("BAD" + i);
            refused.add("BAD" + i);
        }
        placeLast("GOOD");
        int rounds = 0;
        while (told.isEmpty()) {
            underWay.tell();
            rounds++;
            assertThat(rounds).as("three bad ones in each").isLessThanOrEqualTo(9);
            life.clock.pass(OrdersUnderWay.PAUSE);
        }
    }

    @Test
    void an_order_that_always_fails_is_told_again_every_hour_at_last() {
        place("BAD");
        refused.add("BAD");
        for (int hour = 1; hour <= 12; hour++) {
            underWay.tell();
            assertThat(asked).hasSize(hour);
            life.clock.pass(OrdersUnderWay.ORDER_PAUSE_MAX);
        }
    }

    @Test
    void an_ehr_that_is_away_is_asked_a_few_times_only_then_all_pause() {
        place("A1", "A2", "A3", "A4", "A5");
        away = true;
        underWay.tell();
        underWay.tell();
        assertThat(asked).hasSize(OrdersUnderWay.FAILURES_MAX);
        life.clock.pass(OrdersUnderWay.PAUSE);
        away = false;
        assertThat(underWay.tell()).isEqualTo(5);
    }

    /** Behind all others in every list. */
    private void placeLast(String accession) {
        ImagingOrder order = OrderLife.order("1.2.4", accession, OrderLife.ANN, 1);
        life.receive(new OrderEvent.Placed(
                new ImagingOrder(
                        order.key(),
                        order.patient(),
                        order.patientClass(),
                        order.visitNumber(),
                        order.procedure(),
                        Priority.ROUTINE,
                        order.expectedInstances(),
                        order.orderedAt(),
                        order.production(),
                        order.ehr(),
                        order.origin()),
                null));
        life.clock.pass(OrdersUnderWay.QUIET);
    }

    /** Orders of a study each, long enough under way to be told. */
    private void place(String... accessions) {
        for (String accession : accessions) {
            String study = "1.2.3." + Integer.toUnsignedString(accession.hashCode());
            life.receive(new OrderEvent.Placed(OrderLife.order(study, accession, OrderLife.ANN, 1), null));
        }
        life.clock.pass(OrdersUnderWay.QUIET);
    }

    @Test
    void an_order_of_no_known_study_is_not_told() {
        life.receive(new OrderEvent.Placed(OrderLife.order(null, "ACC1", OrderLife.ANN, 1), null));
        life.clock.pass(Duration.ofHours(1));
        underWay.tell();
        assertThat(told).isEmpty();
    }
}
