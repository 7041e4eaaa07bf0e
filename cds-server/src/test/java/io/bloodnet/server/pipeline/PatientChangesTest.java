package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is on its way follows a patient's record, or stays here when it turns out to be another person's. */
class PatientChangesTest {

    private static final PatientId OLD = OrderLife.ANN.id();
    private static final PatientId NEW = new PatientId("MRN9", "HOSP");

    @TempDir
    Path folder;

    private OrderLife life;
    private String id;

    @BeforeEach
    void findBleed() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("patients"), "sa", null));
        life.pacs.imaged = new Patient(OLD, null, null, LocalDate.of(1950, 1, 1), Patient.Sex.FEMALE);
        life.pacs.has(1, OrderLife.ANN);
        id = life.place(1);
        life.pipeline.run(id);
        assertThat(life.job(id).state()).isEqualTo(JobState.DELIVERING);
    }

    @AfterEach
    void close() {
        life.close();
    }

    @Test
    void a_report_that_has_not_arrived_goes_to_the_surviving_record() {
        life.ehr.outcomes().add(new Destination.Outcome.Retry("503", null));
        life.deliver();
        life.receive(new OrderEvent.PatientMerged(OLD, Patient.known(NEW)));
        life.clock.pass(Duration.ofMinutes(1));
        life.deliver();
        assertThat(life.ehr.got()).singleElement().satisfies(report -> {
            assertThat(report.order().patient().id()).isEqualTo(NEW);
            assertThat(report.kind()).isEqualTo(FindingReport.Kind.FIRST);
        });
        assertThat(life.job(id).state()).isEqualTo(JobState.REPORTED_POSITIVE);
    }

    @Test
    void a_report_that_has_not_left_stays_here_when_the_record_is_another_persons() {
        Patient other = new Patient(NEW, null, null, LocalDate.of(1988, 8, 8), Patient.Sex.MALE);
        life.receive(new OrderEvent.PatientMerged(OLD, other));
        life.deliver();
        assertThat(life.ehr.got()).isEmpty();
        assertThat(life.hl7.got()).isEmpty();
        assertThat(life.pacs.stored).isEmpty();
        assertThat(life.job(id).state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.job(id).hasSuspicion()).as("shown to nobody").isFalse();
    }

    @Test
    void what_the_ehr_called_the_old_record_is_forgotten_and_what_it_calls_this_one_is_kept() {
        life.database.inTransaction(
                handle -> handle.execute("update job set ehr_patient = 'Patient/1' where id = ?", id));
        life.receive(new OrderEvent.PatientUpdated(new Patient(OLD, "NEXT", null, null, Patient.Sex.UNKNOWN), null));
        assertThat(life.job(id).order().ehr().patient()).isEqualTo("Patient/1");
        life.receive(new OrderEvent.PatientMerged(OLD, Patient.known(NEW)));
        assertThat(life.job(id).order().ehr().patient()).isNull();
    }
}
