package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reported suspicion is only replaced by a better look at the same head (DESIGN promise 8). */
class SuspicionStaysTest {

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void reportBleed() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("stays"), "sa", null));
        life.pacs.has(30, OrderLife.ANN);
        id = life.place(null);
        analyze();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @AfterEach
    void close() {
        life.close();
    }

    private void analyze() {
        life.pipeline.run(id);
        life.clock.pass(Duration.ofSeconds(11));
        life.pipeline.run(id);
        life.deliver();
    }

    private void moreImagesCome() {
        life.pacs.alsoHas("CT", 40);
        life.pacs.inputDigest = "ef".repeat(32);
        assertThat(life.late.look()).isEqualTo(1);
        assertThat(life.job(id).hasSuspicion())
                .as("shown while it is looked at again")
                .isTrue();
    }

    private void assertStands() {
        Job job = life.job(id);
        assertThat(job.state()).isEqualTo(JobState.REPORTED_POSITIVE);
        assertThat(job.hasSuspicion()).isTrue();
        assertThat(job.reason()).contains("the earlier finding stands");
        assertThat(life.ehr.got()).as("told once").hasSize(1);
    }

    @Test
    void no_statement_never_replaces_it() {
        moreImagesCome();
        life.pacs.notAnalyzed = NotAnalyzedReason.NOT_A_HEAD;
        analyze();
        assertStands();
    }

    @Test
    void less_of_the_head_never_replaces_it() {
        moreImagesCome();
        life.pacs.probability = 0.1;
        life.pacs.coverageMm = 60;
        analyze();
        assertStands();
    }

    @Test
    void as_good_a_look_replaces_it_and_corrects_the_report() {
        moreImagesCome();
        life.pacs.probability = 0.1;
        life.pacs.coverageMm = 138;
        analyze();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_NEGATIVE);
        assertThat(life.ehr.got().getLast().kind()).isEqualTo(FindingReport.Kind.CORRECTED);
    }

    @Test
    void an_archive_that_is_away_for_a_day_does_not_replace_it() {
        moreImagesCome();
        life.pacs.fault = () -> new StudySourceException(StudySourceException.Code.UNREACHABLE, "down");
        for (int hour = 0; hour < 25; hour++) {
            life.pipeline.run(id);
            assertThat(life.job(id).hasSuspicion()).isTrue();
            life.clock.pass(Duration.ofHours(1));
        }
        life.pipeline.run(id);
        life.deliver();
        assertStands();
    }

    @Test
    void a_study_that_has_gone_or_doubled_does_not_replace_it() {
        moreImagesCome();
        life.pacs.answer = new StudyLookup.Ambiguous(2);
        life.pipeline.run(id);
        assertStands();
        life.pacs.has(30, OrderLife.ANN);
    }

    @Test
    void what_breaks_in_us_does_not_replace_it() {
        moreImagesCome();
        life.clock.pass(Duration.ofSeconds(11));
        life.pacs.during = () -> {
            throw new IllegalStateException("poison");
        };
        for (int i = 0; i < 6; i++) {
            life.pipeline.run(id);
        }
        assertStands();
    }

    @Test
    void a_look_long_after_the_order_is_not_given_up_at_once() {
        life.clock.pass(Duration.ofMinutes(50));
        moreImagesCome();
        assertThat(life.job(id).waitingSince()).isEqualTo(life.clock.instant());
    }

    @Test
    void images_replaced_by_as_many_others_are_looked_at_again() {
        life.pacs.instances = Set.of("1.2.3.4.1.1");
        String sop =
                ((Finding.Analyzed) life.job(id).finding()).slices().getFirst().sopInstanceUid();
        assertThat(sop).isEqualTo("1.2.3.4.1.1");
        assertThat(life.late.look()).as("a list that was cut tells nothing").isZero();

        life.pacs.instances = otherInstances();
        life.pacs.inputDigest = "ef".repeat(32);
        life.pacs.probability = 0.8;
        assertThat(life.late.look()).isEqualTo(1);
        analyze();
        assertThat(life.ehr.got()).hasSize(2);
        assertThat(life.ehr.got().getLast().kind()).isEqualTo(FindingReport.Kind.CORRECTED);
    }

    private static Set<String> otherInstances() {
        Set<String> uids = new HashSet<>();
        for (int i = 0; i < 30; i++) {
            uids.add("1.2.3.4.1." + (100 + i));
        }
        return uids;
    }

    @Test
    void a_series_replaced_by_another_with_as_many_images_is_looked_at_again() {
        life.pacs.hasSeries("1.2.3.4.77", 30, OrderLife.ANN);
        assertThat(life.late.look()).isEqualTo(1);
    }

    @Test
    void another_patient_in_the_archive_hides_it_until_a_person_decides() {
        moreImagesCome();
        life.pacs.has(70, Patient.known(new PatientId("MRN2", "HOSP")));
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.job(id).hasSuspicion()).isFalse();
    }
}
