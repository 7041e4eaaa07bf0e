package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.study.StudyAnalyzer.Urgency;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study whose analysis ends its process does so a bounded number of times, and takes no other down with it. */
class AnalysisThatKillsTest {

    /** As kill -9 would: nothing that runs afterwards in this process counts. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void place() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("kills"), "sa", null));
        id = life.place(1);
        life.pacs.has(1, OrderLife.ANN);
    }

    @AfterEach
    void close() {
        life.close();
    }

    private static void die() {
        throw new Killed();
    }

    /** Runs the order as often as it wants to; each analysis ends the process. Returns how many did. */
    private int deaths() {
        life.pacs.during = AnalysisThatKillsTest::die;
        int deaths = 0;
        for (int runs = 0; runs < 1_000; runs++) {
            try {
                if (!(life.pipeline.run(id) instanceof Next.At(Instant when))) {
                    return deaths;
                }
                life.clock.pass(Duration.between(life.clock.instant(), when));
            } catch (Killed e) {
                deaths++;
            }
        }
        throw new AssertionError("it goes on for ever");
    }

    @Test
    void a_study_whose_analyses_never_end_fails_visibly_and_a_person_can_try_it_again() {
        assertThat(deaths()).isEqualTo(CountedAnalyses.UNFINISHED_MAX);
        assertThat(life.job(id).state()).isEqualTo(JobState.FAILED);
        assertThat(life.job(id).reason()).contains("died in each of 5 analyses");

        life.pacs.during = () -> {};
        life.control.retry(id, "ann");
        life.pipeline.run(id);
        life.deliver();
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void it_is_tried_at_once_after_the_first_deaths_and_then_ever_more_seldom() {
        Instant began = life.clock.instant();
        deaths();
        assertThat(Duration.between(began, life.clock.instant()))
                .isBetween(Duration.ofSeconds(30), Duration.ofMinutes(5));
    }

    @Test
    void an_analysis_that_ends_in_whatever_way_clears_the_count() {
        CountedAnalyses analyses = new CountedAnalyses(life.database, life.pacs, life.clock);
        StudyListing listing = ((StudyLookup.Found) life.pacs.answer).listing();
        for (int i = 0; i < 3 * CountedAnalyses.UNFINISHED_MAX; i++) {
            life.pacs.during = i % 2 == 0
                    ? AnalysisThatKillsTest::die
                    : () -> {
                        throw new IllegalStateException("broken");
                    };
            assertThatExceptionOfType(i % 2 == 0 ? Error.class : IllegalStateException.class)
                    .isThrownBy(() -> analyses.analyze(listing, Urgency.NONE));
        }
    }

    @Test
    void of_those_that_were_under_way_when_servers_died_one_is_looked_at_at_a_time() {
        CountedAnalyses analyses = new CountedAnalyses(life.database, life.pacs, life.clock);
        StudyListing listing = ((StudyLookup.Found) life.pacs.answer).listing();
        life.database.inTransaction(handle -> handle.execute(
                "insert into analysis_attempt (study_uid, unfinished, begun_at) values ('1.2.3.4', 2, ?), ('1.2.3.5', 2, ?)",
                Instant.EPOCH.atOffset(java.time.ZoneOffset.UTC),
                Instant.EPOCH.atOffset(java.time.ZoneOffset.UTC)));
        StudyListing other = new StudyListing(
                new io.bloodnet.imaging.order.StudyUid("1.2.3.5"),
                listing.patient(),
                listing.accession(),
                listing.series(),
                listing.instanceCount());
        life.pacs.during = () -> {
            life.pacs.during = () -> {};
            assertThatExceptionOfType(StudySourceException.class)
                    .isThrownBy(() -> analyses.analyze(other, Urgency.NONE))
                    .matches(e -> e.code() == StudySourceException.Code.NO_TURN);
        };
        analyses.analyze(listing, Urgency.NONE);
        assertThat(life.pacs.analyses).isEqualTo(1);
        analyses.analyze(other, Urgency.NONE);
        assertThat(life.pacs.analyses).isEqualTo(2);
    }
}
