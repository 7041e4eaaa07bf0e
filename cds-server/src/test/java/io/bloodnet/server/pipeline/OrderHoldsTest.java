package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders that contradict themselves wait for a person, however they come in. */
class OrderHoldsTest {

    private static final String WHY = "accession numbers disagree: OBR-18, ORC-3";
    private static final Patient BOB = Patient.known(new PatientId("MRN2", "HOSP"));

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void begin() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", null));
    }

    @AfterEach
    void end() {
        life.close();
    }

    private static OrderKey key(String accession) {
        return new OrderKey(null, new AccessionNumber(accession), null, null);
    }

    private static ImagingOrder order(String accession, Patient patient) {
        return OrderLife.order(null, accession, patient, 1).withKey(key(accession));
    }

    private Job received(OrderEvent event) {
        return life.job(OrderLife.jobOf((Receipt.Recorded) life.receive(event)));
    }

    @Test
    void a_replacement_that_contradicts_itself_is_held_and_what_it_replaces_is_cancelled() {
        Job old = received(new OrderEvent.Placed(order("A0", OrderLife.ANN), null));
        Job replacement = received(new OrderEvent.Replaced(key("A0"), order("A1", OrderLife.ANN), WHY));
        assertThat(replacement.state()).isEqualTo(JobState.ON_HOLD);
        assertThat(replacement.reason()).isEqualTo(WHY);
        assertThat(life.job(old.id()).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void a_replacement_of_another_patient_s_order_does_not_hold_that_order() {
        Job ann = received(new OrderEvent.Placed(order("A1", OrderLife.ANN), null));
        Job bob = received(new OrderEvent.Replaced(key("A0"), order("A1", BOB), WHY));
        assertThat(bob.state()).isEqualTo(JobState.ON_HOLD);
        assertThat(life.job(ann.id()).state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
    }

    @Test
    void an_order_that_is_known_and_now_contradicts_itself_is_held() {
        Job known = received(new OrderEvent.Placed(order("A1", OrderLife.ANN), null));
        Job again = received(new OrderEvent.Placed(order("A1", OrderLife.ANN), WHY));
        assertThat(again.id()).isEqualTo(known.id());
        assertThat(again.state()).isEqualTo(JobState.ON_HOLD);
        Job released = received(new OrderEvent.Released(key("A1")));
        assertThat(released.state()).isEqualTo(JobState.WAITING_FOR_IMAGES);
    }
}
