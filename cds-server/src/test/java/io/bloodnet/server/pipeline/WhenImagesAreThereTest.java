package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a study is complete, when it is given up, and what becomes of it then. */
class WhenImagesAreThereTest {

    private static final OrderKey KEY = new OrderKey(null, new AccessionNumber("ACC1"), null, null);

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("images"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private JobState run(String id) {
        life.pipeline.run(id);
        return life.job(id).state();
    }

    @Test
    void complete_says_the_ris_and_the_archive_must_stand_still_all_the_same() {
        String id = life.place(null);
        life.pacs.probability = 0.1;
        life.receive(new OrderEvent.ImagesComplete(KEY, null));
        life.pacs.has(14, OrderLife.ANN);
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.clock.pass(Duration.ofSeconds(1));
        life.pacs.has(25, OrderLife.ANN);
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.clock.pass(Duration.ofSeconds(2));
        life.pacs.has(33, OrderLife.ANN);
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.clock.pass(Duration.ofSeconds(2));
        assertThat(run(id)).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void reports_key_objects_and_masks_fill_no_gap_in_the_promised_slices() {
        String id = life.place(33);
        life.pacs.has(30, OrderLife.ANN);
        life.pacs.alsoHas("SR", 1);
        life.pacs.alsoHas("KO", 1);
        life.pacs.alsoHas("SEG", 1);
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.clock.pass(Duration.ofSeconds(60));
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.pacs.has(33, OrderLife.ANN);
        assertThat(run(id)).isEqualTo(JobState.DELIVERING);
    }

    @Test
    void more_images_that_are_promised_during_the_analysis_hold_back_a_negative() {
        String id = life.place(14);
        life.pacs.has(14, OrderLife.ANN);
        life.pacs.probability = 0.1;
        life.pacs.during = () -> life.receive(new OrderEvent.ImagesComplete(KEY, 33));
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.pacs.during = () -> {};
        life.pacs.has(33, OrderLife.ANN);
        life.pacs.probability = 0.9;
        assertThat(run(id)).isEqualTo(JobState.DELIVERING);
        assertThat(life.outbox(id))
                .allMatch(delivery -> delivery.report().finding() instanceof Finding.Analyzed a && a.positive());
    }

    @Test
    void images_are_missing_only_when_the_archive_says_so_twice_apart_in_time() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.notAnalyzed = NotAnalyzedReason.INCOMPLETE;
        for (int second = 0; second < 60; second += 15) {
            assertThat(run(id)).as("after %s s", second).isEqualTo(JobState.ANALYZING);
            life.clock.pass(Duration.ofSeconds(15));
        }
        assertThat(run(id)).isEqualTo(JobState.DELIVERING);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.NOT_ANALYZED);
    }

    @Test
    void a_body_that_was_cut_once_is_no_verdict() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pacs.notAnalyzed = NotAnalyzedReason.INCOMPLETE;
        run(id);
        life.pacs.notAnalyzed = null;
        life.clock.pass(Duration.ofSeconds(2));
        run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void bad_weather_uses_up_no_attempt_of_ours() {
        String id = life.place(1);
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.BUSY, "503");
        for (int i = 0; i < 20; i++) {
            run(id);
        }
        life.pacs.fault = () -> new IllegalStateException("once");
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.job(id).attempts()).isEqualTo(1);
        assertThat(life.job(id).outages()).isEqualTo(20);
    }

    @Test
    void the_clock_starts_with_the_first_image_and_anew_with_each_word_that_images_come() {
        String id = life.place(40);
        life.clock.pass(Duration.ofHours(23));
        life.pacs.has(2, OrderLife.ANN);
        run(id);
        life.clock.pass(Duration.ofHours(23));
        life.pacs.has(3, OrderLife.ANN);
        assertThat(run(id)).as("23 h after the first image").isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.receive(new OrderEvent.ImagesComplete(KEY, 40));
        life.clock.pass(Duration.ofHours(23));
        life.pacs.has(4, OrderLife.ANN);
        assertThat(run(id)).as("23 h after SC").isEqualTo(JobState.WAITING_FOR_IMAGES);
        life.place(40);
        life.clock.pass(Duration.ofHours(23));
        life.pacs.has(5, OrderLife.ANN);
        assertThat(run(id)).as("23 h after NW").isEqualTo(JobState.WAITING_FOR_IMAGES);
    }

    @Test
    void an_examination_that_is_planned_for_later_is_not_given_up_before() {
        String id = OrderLife.jobOf((Receipt.Recorded)
                life.receive(new OrderEvent.Placed(planned(life.clock.instant().plus(Duration.ofHours(48))), null)));
        life.clock.pass(Duration.ofHours(60));
        assertThat(run(id)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.job(id).overdue()).isTrue();
        life.clock.pass(Duration.ofHours(13));
        assertThat(run(id)).isEqualTo(JobState.DELIVERING);
    }

    private static ImagingOrder planned(Instant at) {
        ImagingOrder o = OrderLife.order("1.2.3.4", "ACC1", OrderLife.ANN, 1);
        return new ImagingOrder(
                o.key(),
                o.patient(),
                o.patientClass(),
                o.visitNumber(),
                o.procedure(),
                o.priority(),
                o.expectedInstances(),
                o.orderedAt(),
                o.production(),
                o.ehr(),
                o.origin(),
                at);
    }

    @Test
    void an_order_that_ended_for_lack_of_images_begins_again_when_the_ris_says_that_they_are_there() {
        String id = life.place(1);
        life.clock.pass(Duration.ofHours(25));
        run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.NOT_ANALYZED);
        life.receive(new OrderEvent.ImagesComplete(KEY, 1));
        life.pacs.has(1, OrderLife.ANN);
        run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void images_that_name_no_patient_wait_for_a_person_and_are_filed_with_a_flag_then() {
        String id = life.place(1);
        life.pacs.has(1, null);
        assertThat(run(id)).isEqualTo(JobState.ON_HOLD);
        assertThat(life.job(id).reason()).contains("name a patient");
        life.control.retry(id, "ann");
        assertThat(run(id)).isEqualTo(JobState.DELIVERING);
        assertThat(((Finding.Analyzed) life.job(id).finding()).flags()).contains(InputFlag.NO_PATIENT_ID);
    }

    @Test
    void all_studies_that_qualify_are_looked_at_for_late_images() {
        life.pacs.probability = 0.1;
        String first = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        run(first);
        life.deliver();
        int more = 2 * 50 + 7;
        for (int i = 0; i < more; i++) {
            copy(first, "copy-" + i);
        }
        life.pacs.has(2, OrderLife.ANN);
        assertThat(life.late.look()).isEqualTo(more + 1);
    }

    private void copy(String id, String name) {
        List<String> names = life.database.read(
                handle -> handle.createQuery("select lower(column_name) from information_schema.columns"
                                + " where lower(table_name) = 'job' and lower(column_name) <> 'id'")
                        .mapTo(String.class)
                        .list());
        String columns = String.join(", ", names);
        life.database.inTransaction(handle -> handle.execute(
                "insert into job (id, " + columns + ") select ?, " + columns + " from job where id = ?", name, id));
    }
}
