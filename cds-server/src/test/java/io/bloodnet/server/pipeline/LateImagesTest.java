package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that come after the study seemed complete. */
class LateImagesTest {

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("late"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    /** Nobody says how many images there are; the study stands still for the quiet period. */
    private void analyze(String id) {
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
        life.deliver();
    }

    @Test
    void axial_series_after_the_localizer_is_analyzed_and_the_report_corrected() {
        String id = life.place(null);
        life.pacs.has(2, OrderLife.ANN);
        life.pacs.notAnalyzed = NotAnalyzedReason.NO_AXIAL_SERIES;
        analyze(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.NOT_ANALYZED);
        assertThat(life.late.look()).as("nothing new").isZero();

        life.clock.pass(Duration.ofMinutes(3));
        life.pacs.alsoHas("CT", 36);
        life.pacs.notAnalyzed = null;
        assertThat(life.late.look()).isEqualTo(1);
        assertThat(life.job(id).reason()).contains("more images");
        analyze(id);

        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.ehr.got()).hasSize(2);
        assertThat(life.ehr.got().getLast().kind()).isEqualTo(FindingReport.Kind.CORRECTED);
        assertThat(life.late.look()).as("once is enough").isZero();
    }

    @Test
    void slices_that_were_missing_change_a_negative_report() {
        String id = life.place(null);
        life.pacs.has(20, OrderLife.ANN);
        life.pacs.probability = 0.1;
        analyze(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);

        life.pacs.alsoHas("CT", 16);
        life.pacs.probability = 0.9;
        life.pacs.inputDigest = "ef".repeat(32);
        assertThat(life.late.look()).isEqualTo(1);
        analyze(id);

        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.ehr.got().getLast().kind()).isEqualTo(FindingReport.Kind.CORRECTED);
    }

    @Test
    void another_threshold_at_the_same_images_is_a_result_of_its_own() {
        String id = life.place(null);
        life.pacs.has(36, OrderLife.ANN);
        analyze(id);
        String first = life.ehr.got().getFirst().key().identifier();
        life.close();

        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("late"), "sa", null), 0.95);
        life.pacs.has(36, OrderLife.ANN);
        life.pacs.alsoHas("CT", 36);
        assertThat(life.late.look()).isEqualTo(1);
        analyze(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
        FindingReport second = life.ehr.got().getFirst();
        assertThat(second.kind()).isEqualTo(FindingReport.Kind.CORRECTED);
        assertThat(second.supersedes()).isEqualTo(first);
        assertThat(second.key().identifier()).isEqualTo(first + "-t0.95");
    }

    @Test
    void another_series_that_changes_nothing_is_told_to_nobody_and_the_job_ends_again() {
        String id = life.place(null);
        life.pacs.has(36, OrderLife.ANN);
        analyze(id);
        life.pacs.alsoHas("CT", 36);
        assertThat(life.late.look()).isEqualTo(1);
        analyze(id);

        assertThat(life.pacs.analyses).isEqualTo(2);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.ehr.got()).hasSize(1);
        assertThat(life.hl7.got()).hasSize(1);
    }

    @Test
    void masks_and_reports_that_are_added_to_the_study_do_not_count() {
        String id = life.place(null);
        life.pacs.has(36, OrderLife.ANN);
        analyze(id);
        life.pacs.alsoHas("SEG", 1);
        life.pacs.alsoHas("SR", 1);
        assertThat(life.late.look()).isZero();
    }

    @Test
    void after_an_hour_or_without_the_archive_nothing_is_asked() {
        String id = life.place(null);
        life.pacs.has(2, OrderLife.ANN);
        analyze(id);
        life.pacs.alsoHas("CT", 36);
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.UNREACHABLE, "connection refused");
        assertThat(life.late.look()).isZero();
        life.pacs.fault = () -> null;
        life.clock.pass(LateImages.WATCHED);
        assertThat(life.late.look()).isZero();
    }

    @Test
    void a_retry_that_finds_the_same_again_ends_instead_of_waiting_for_deliveries() {
        String id = life.place(null);
        life.pacs.has(2, OrderLife.ANN);
        life.pacs.notAnalyzed = NotAnalyzedReason.NO_AXIAL_SERIES;
        analyze(id);
        life.control.retry(id, "ann");
        analyze(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.NOT_ANALYZED);
        assertThat(life.ehr.got()).hasSize(1);
    }

    @Test
    void other_pixels_under_the_same_numbers_are_noticed_half_an_hour_later_and_corrected() {
        String id = life.place(null);
        life.pacs.has(20, OrderLife.ANN);
        life.pacs.probability = 0.1;
        analyze(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);

        life.pacs.probability = 0.9;
        life.pacs.inputDigest = "ef".repeat(32);
        life.clock.pass(LateImages.PIXELS_AFTER.minusSeconds(1));
        assertThat(life.late.look()).isZero();
        life.clock.pass(Duration.ofSeconds(1));
        assertThat(life.late.look()).isEqualTo(1);
        assertThat(life.job(id).reason()).contains("replaced");
        analyze(id);

        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(life.ehr.got().getLast().kind()).isEqualTo(FindingReport.Kind.CORRECTED);
    }

    @Test
    void pixels_are_compared_once_for_a_result_and_never_while_others_wait_for_theirs() {
        String id = life.place(null);
        life.pacs.has(20, OrderLife.ANN);
        analyze(id);
        life.clock.pass(LateImages.PIXELS_AFTER);
        life.pacs.fault = () -> life.pacs.comparisons == 0
                ? null
                : new StudySourceException(StudySourceException.Code.NO_TURN, "others are before it");
        assertThat(life.late.look()).isZero();
        life.pacs.fault = () -> null;
        assertThat(life.late.look()).isZero();
        assertThat(life.pacs.comparisons).as("they may still wait").isEqualTo(1);

        life.clock.pass(Duration.ofMinutes(1));
        for (int look = 0; look < 3; look++) {
            assertThat(life.late.look()).isZero();
        }
        assertThat(life.pacs.comparisons).isEqualTo(2);
        assertThat(life.pacs.analyses).isEqualTo(1);
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }
}
