package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.pipeline.JobControl.Retry;
import io.bloodnet.server.pipeline.JobControl.Wish;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person wants of jobs that need one. */
class JobControlTest {

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("control"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private String failed(int number) {
        OrderKey key = new OrderKey(null, new AccessionNumber("ACC" + number), null, null);
        String id = OrderLife.jobOf((Receipt.Recorded) life.receive(new OrderEvent.Placed(
                OrderLife.order(null, "ACC", OrderLife.ANN, 1).withKey(key), null)));
        life.pacs.fault = () -> new IllegalStateException("poison");
        for (int i = 0; i < 5; i++) {
            life.pipeline.run(id);
        }
        life.pacs.fault = () -> null;
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
        return id;
    }

    @Test
    void a_retry_says_who_wanted_it_and_starts_fresh_budgets() {
        String id = life.place(1);
        life.clock.pass(Duration.ofHours(25));
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.BUSY, "503");
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
        assertThat(life.control.retry(id, "dr.ann")).isEqualTo(new Retry.Going(JobState.WAITING_FOR_IMAGES));
        life.pipeline.run(id);
        assertThat(life.job(id).state()).as("not given up at once").isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.audit.events(AuditEvent.JobStateChanged.class))
                .anyMatch(event -> "retried by dr.ann".equals(event.reason()));
    }

    @Test
    void a_retried_delivery_is_tried_for_the_whole_time_again() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.ehr.outcomes().add(new Destination.Outcome.Refused("422"));
        life.deliver();
        life.clock.pass(Duration.ofHours(30));
        assertThat(life.control.retry(id, "ann")).isEqualTo(new Retry.Going(JobState.DELIVERING));
        life.ehr.outcomes().add(new Destination.Outcome.Retry("503", null));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
        life.clock.pass(Duration.ofMinutes(1));
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void all_jobs_in_a_state_are_retried_or_dismissed_at_once() {
        String first = failed(1);
        String second = failed(2);
        assertThat(life.control.wishAll(Wish.RETRY, JobState.FAILED, "ann")).isEqualTo(2);
        assertThat(life.job(first).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.job(second).reason()).isEqualTo("retried by ann");

        String third = failed(3);
        assertThat(life.control.wishAll(Wish.DISMISS, JobState.FAILED, "bob")).isEqualTo(1);
        assertThat(life.job(third).state()).isEqualTo(JobState.CANCELLED);
        assertThat(life.job(third).reason()).isEqualTo("dismissed by bob");
    }

    @Test
    void a_suspected_bleed_is_never_dismissed() {
        String id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        life.ehr.outcomes().add(new Destination.Outcome.Refused("422"));
        life.deliver();
        assertThat(life.control.wish(Wish.DISMISS, id, "ann")).isEqualTo(new Retry.NotNow(JobState.FAILED));
        assertThat(life.job(id).hasSuspicion()).isTrue();
    }
}
