package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.job.JobCounts;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many jobs are in each state is known without counting them; the simulation compares both after each step. */
class JobCountsTest {

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("counts"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private Map<JobState, Long> counts() {
        return life.database.read(JobCounts::read);
    }

    @Test
    void an_order_is_counted_where_it_is() {
        String id = life.place(1);
        assertThat(counts()).isEqualTo(Map.of(JobState.WAITING_FOR_IMAGES, 1L));
        life.pacs.has(1, OrderLife.ANN);
        life.pipeline.run(id);
        assertThat(counts()).isEqualTo(Map.of(JobState.DELIVERING, 1L));
        life.deliver();
        assertThat(counts()).isEqualTo(Map.of(JobState.REPORTED_POSITIVE, 1L));
    }

    @Test
    void folding_makes_few_rows_of_many_and_changes_no_count() {
        life.database.inTransaction(handle ->
                handle.execute("insert into job_count (state, n) select 'FAILED', 1 from system_range(1, 500)"));
        assertThat(JobCounts.fold(life.database)).isEqualTo(500);
        assertThat(counts()).isEqualTo(Map.of(JobState.FAILED, 500L));
        assertThat(JobCounts.fold(life.database)).as("one row is few").isZero();
    }

    @Test
    void what_another_version_changed_is_corrected() {
        String id = life.place(1);
        life.database.inTransaction(handle -> handle.execute("update job set state = 'FAILED' where id = ?", id));
        assertThat(JobCounts.correct(life.database)).isEqualTo(2);
        assertThat(counts()).isEqualTo(Map.of(JobState.FAILED, 1L));
        assertThat(JobCounts.correct(life.database)).isZero();
    }
}
