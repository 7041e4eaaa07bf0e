package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One question for all orders whose study has no image yet. */
class ImageWatchTest {

    @TempDir
    Path folder;

    private final AtomicInteger woken = new AtomicInteger();
    private OrderLife life;
    private ImageWatch watch;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("watch"), "sa", null));
        watch = new ImageWatch(life.database, life.pacs, woken::incrementAndGet, life.clock);
    }

    @AfterEach
    void close() {
        life.close();
    }

    private static StudyUid study(int n) {
        return new StudyUid("1.2.3.9." + n);
    }

    /** An order that was asked for once, in vain, and waits for its next question. */
    private String waits(int n) {
        OrderKey key = new OrderKey(study(n), new AccessionNumber("N" + n), null, null);
        Receipt.Recorded placed = (Receipt.Recorded) life.receive(new OrderEvent.Placed(
                OrderLife.order(study(n).value(), "N" + n, OrderLife.ANN, null).withKey(key), null));
        String id = OrderLife.jobOf(placed);
        Next next = life.pipeline.run(id);
        Simulations.after(life.database, Schedule.Queue.JOBS, id, next);
        return id;
    }

    private Instant runsAt(String id) {
        return life.database.read(
                handle -> handle.createQuery("select execution_time from scheduled_job where task_instance = :id")
                        .bind("id", id)
                        .mapTo(OffsetDateTime.class)
                        .one()
                        .toInstant());
    }

    @Test
    void all_orders_are_asked_for_at_once_and_those_whose_study_is_there_run_now() {
        List<String> ids = IntStream.range(0, 120).mapToObj(this::waits).toList();
        life.pacs.present = Set.of(study(7));
        assertThat(watch.look()).isEqualTo(1);
        assertThat(life.pacs.lists).extracting(List::size).containsExactly(50, 50, 20);
        assertThat(runsAt(ids.get(7))).isEqualTo(life.clock.instant());
        assertThat(runsAt(ids.get(100)))
                .as("asked for by the list")
                .isEqualTo(life.clock.instant().plus(ImageWatch.POSTPONED));
        assertThat(woken).hasValue(1);
    }

    @Test
    void an_archive_that_knows_no_lists_is_asked_by_each_order_as_before() {
        List<String> ids = IntStream.range(0, 3).mapToObj(this::waits).toList();
        Instant before = runsAt(ids.getFirst());
        assertThat(watch.look()).isZero();
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.REFUSED, "400");
        assertThat(watch.look()).isZero();
        assertThat(runsAt(ids.getFirst())).isEqualTo(before);
        assertThat(woken).hasValue(0);
    }

    @Test
    void what_is_due_is_not_put_off_and_what_has_images_is_not_asked_for() {
        List<String> ids = IntStream.range(0, 3).mapToObj(this::waits).toList();
        life.clock.pass(Duration.ofSeconds(2));
        life.pacs.present = Set.of(study(1));
        Instant due = runsAt(ids.getFirst());
        watch.look();
        assertThat(runsAt(ids.getFirst())).isEqualTo(due);
        life.pacs.study = study(2);
        life.pacs.has(4, OrderLife.ANN);
        life.pipeline.run(ids.get(2));
        life.pacs.lists.clear();
        watch.look();
        assertThat(life.pacs.lists.getFirst()).containsExactlyInAnyOrder(study(0), study(1));
    }

    /** An order without a Study Instance UID that was asked for once, in vain. */
    private String waitsByAccession(String accession) {
        Receipt.Recorded placed = (Receipt.Recorded)
                life.receive(new OrderEvent.Placed(OrderLife.order(null, accession, OrderLife.ANN, null), null));
        String id = OrderLife.jobOf(placed);
        Simulations.after(life.database, Schedule.Queue.JOBS, id, life.pipeline.run(id));
        return id;
    }

    @Test
    void orders_by_accession_number_run_when_a_study_of_these_days_has_it() {
        String there = waitsByAccession("ACC7");
        String absent = waitsByAccession("ACC8");
        Instant before = runsAt(absent);
        life.pacs.accessions = Set.of("ACC7", "ACC9");
        assertThat(watch.look()).isEqualTo(1);
        assertThat(runsAt(there)).isEqualTo(life.clock.instant());
        assertThat(runsAt(absent))
                .as("a study of another day is asked for by its order")
                .isEqualTo(before);
        LocalDate today = LocalDate.ofInstant(life.clock.instant(), ZoneOffset.UTC);
        assertThat(life.pacs.days).containsExactly(today.minusDays(1), today.plusDays(1));
        assertThat(life.pacs.lists).as("no list of nothing").isEmpty();
    }

    @Test
    void studies_of_these_days_are_asked_for_every_five_seconds_and_more_seldom_when_that_fails() {
        waitsByAccession("ACC7");
        for (int look = 0; look < 10; look++) {
            watch.look();
            life.clock.pass(ImageWatch.EVERY);
        }
        assertThat(life.pacs.days).as("20 s").hasSize(2 * 4);
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.REFUSED, "400");
        life.pacs.days.clear();
        for (int look = 0; look < 30; look++) {
            life.clock.pass(ImageWatch.EVERY);
            watch.look();
        }
        assertThat(life.pacs.days).as("a minute").hasSize(2);
    }

    @Test
    void nobody_asks_for_days_while_no_order_waits_by_accession_number() {
        waits(1);
        watch.look();
        assertThat(life.pacs.days).isEmpty();
    }
}
