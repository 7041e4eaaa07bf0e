package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderEvent.Outcome;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which order a message is about: number, who gave it, and whom the message names (DESIGN promise 9). */
class OrderNamesTest {

    private static final Patient ANN = OrderLife.ANN;
    private static final Patient BOB = Patient.known(new PatientId("MRN2", "HOSP"));

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("names"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private static OrderKey placer(
            @Nullable String accession, String number, @Nullable String namespace, @Nullable Patient patient) {
        AccessionNumber known = accession == null ? null : new AccessionNumber(accession);
        return new OrderKey(null, known, number, namespace, null, null, patient == null ? null : patient.id());
    }

    private static OrderKey accession(String accession, @Nullable Patient patient) {
        return new OrderKey(null, new AccessionNumber(accession), null, null)
                .about(patient == null ? null : patient.id());
    }

    private String placed(OrderKey key, Patient patient) {
        ImagingOrder order = OrderLife.order(null, "ACC", patient, 1).withKey(key.about(null));
        return OrderLife.jobOf((Receipt.Recorded) life.receive(new OrderEvent.Placed(order, null)));
    }

    private Outcome said(OrderEvent event) {
        return ((Receipt.Recorded) life.receive(event)).outcomes().getFirst();
    }

    private JobState state(String job) {
        return life.job(job).state();
    }

    @Test
    void another_system_s_identical_number_cancels_nobody_s_order() {
        String ann = placed(placer("A1", "1001", "EPIC", ANN), ANN);
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", "RIS", BOB), "x")))
                .isInstanceOf(Outcome.Unknown.class);
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", null, BOB), "x")))
                .as("without a namespace, too")
                .isInstanceOf(Outcome.Unknown.class);
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", "RIS", ANN), "x")))
                .as("the same patient has orders of several systems")
                .isInstanceOf(Outcome.Unknown.class);
        assertThat(state(ann)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.job(ann).reason()).isNull();
    }

    @Test
    void two_systems_that_count_alike_have_an_order_each() {
        String ann = placed(placer("A1", "1001", "EPIC", ANN), ANN);
        String bob = placed(placer("B1", "1001", "RIS", BOB), BOB);
        assertThat(bob).isNotEqualTo(ann);
        assertThat(state(bob)).as("nothing contradicts").isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", "ris", BOB), "x")))
                .isEqualTo(new Outcome.Applied(bob));
        assertThat(state(ann)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", null, ANN), "x")))
                .as("number and patient are enough where no namespace is said")
                .isEqualTo(new Outcome.Applied(ann));
    }

    @Test
    void a_number_of_one_system_under_another_patient_is_not_done_and_seen() {
        String ann = placed(placer("A1", "1001", "EPIC", ANN), ANN);
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", "EPIC", BOB), "x")))
                .isInstanceOf(Outcome.Unable.class);
        assertThat(state(ann)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(life.job(ann).reason()).contains("another patient");
    }

    @Test
    void an_order_of_a_patient_of_two_numbers_meets_the_one_under_the_other_number() {
        String ann = placed(accession("A1", ANN), ANN);
        PatientId merged = new PatientId("NEW1", "HOSP");
        OrderKey both = accession("A1", ANN).about(merged, List.of(ANN.id()));
        ImagingOrder order = OrderLife.order(null, "A1", Patient.known(merged), null);
        ImagingOrder said = order.withKey(both);
        assertThat(said(new OrderEvent.Placed(said, null))).isEqualTo(new Outcome.Applied(ann));
        assertThat(life.job(ann).order().patient().id()).isEqualTo(ANN.id());
        assertThat(life.jobCount()).isEqualTo(1);
    }

    @Test
    void what_a_message_calls_its_patient_besides_is_no_part_of_the_order() {
        OrderKey both = accession("A7", ANN).about(ANN.id(), List.of(new PatientId("NEW1", "HOSP")));
        ImagingOrder order = OrderLife.order(null, "A7", ANN, null).withKey(both);
        Outcome.Created created = (Outcome.Created) said(new OrderEvent.Placed(order, null));
        assertThat(life.job(created.jobId()).order().key().alsoKnownAs()).isEmpty();
    }

    @Test
    void a_report_on_another_patient_takes_nobody_s_card() {
        String ann = placed(accession("A1", ANN), ANN);
        assertThat(said(new OrderEvent.HumanReport(accession("A1", BOB), "F", life.clock.instant(), false)))
                .isInstanceOf(Outcome.Unable.class);
        assertThat(life.job(ann).humanReadAt()).isNull();
        assertThat(life.job(ann).reason()).contains("another patient");
        assertThat(said(new OrderEvent.HumanReport(accession("A1", ANN), "F", life.clock.instant(), false)))
                .isEqualTo(new Outcome.Applied(ann));
        assertThat(life.job(ann).humanSays()).isFalse();
    }

    @Test
    void an_order_under_another_patient_s_accession_number_is_held_and_answers_to_its_own_messages() {
        String ann = placed(accession("A1", ANN), ANN);
        String bob = placed(accession("A1", BOB), BOB);
        assertThat(state(bob)).isEqualTo(JobState.ON_HOLD);
        assertThat(said(new OrderEvent.Cancelled(accession("A1", null), "x")))
                .as("nobody knows whose")
                .isInstanceOf(Outcome.Unable.class);
        assertThat(said(new OrderEvent.Cancelled(accession("A1", BOB), "x"))).isEqualTo(new Outcome.Applied(bob));
        assertThat(state(ann)).isEqualTo(JobState.WAITING_FOR_IMAGES);
        assertThat(state(bob)).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void one_placer_number_with_two_accession_numbers_is_two_orders() {
        String first = placed(placer("A1", "1001", "EPIC", ANN), ANN);
        String second = placed(placer("A2", "1001", "EPIC", ANN), ANN);
        assertThat(second).isNotEqualTo(first);
        assertThat(said(new OrderEvent.Cancelled(placer("A1", "1001", "EPIC", ANN), "x")))
                .isEqualTo(new Outcome.Applied(first));
        assertThat(state(second)).isEqualTo(JobState.WAITING_FOR_IMAGES);
    }

    @Test
    void a_change_may_give_an_order_another_accession_number() {
        String job = placed(placer("A1", "1001", "EPIC", ANN), ANN);
        ImagingOrder changed = OrderLife.order(null, "ACC", ANN, 1).withKey(placer("A2", "1001", "EPIC", null));
        assertThat(said(new OrderEvent.Updated(changed))).isEqualTo(new Outcome.Applied(job));
        assertThat(said(new OrderEvent.Cancelled(accession("A2", ANN), "x"))).isEqualTo(new Outcome.Applied(job));
    }

    @Test
    void who_gave_a_number_may_be_learned_later() {
        String job = placed(placer("A1", "1001", null, ANN), ANN);
        placed(placer("A1", "1001", "EPIC", ANN), ANN);
        assertThat(life.job(job).order().key().placerNamespace()).isEqualTo("EPIC");
        assertThat(said(new OrderEvent.Cancelled(placer(null, "1001", "RIS", ANN), "x")))
                .isInstanceOf(Outcome.Unknown.class);
    }

    @Test
    void after_a_merge_the_surviving_patient_s_messages_find_the_order() {
        String job = placed(accession("A1", ANN), ANN);
        said(new OrderEvent.PatientMerged(ANN.id(), BOB));
        assertThat(said(new OrderEvent.Cancelled(accession("A1", BOB), "x"))).isEqualTo(new Outcome.Applied(job));
    }
}
