package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.store.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of messages that are not about our orders nothing is kept but hash, type, sender, time and the answer to a repetition. */
class StrangersMessagesTest {

    private static final String SECRET = "PID|1||M9^^^HOSP^MR||Stranger^Sam~OBX|1|CWE|HIV-1 antibody||POS";

    @TempDir
    Path folder;

    private OrderLife life;

    @BeforeEach
    void open() {
        life = new OrderLife(Database.open("jdbc:h2:file:" + folder.resolve("strangers"), "sa", null));
    }

    @AfterEach
    void close() {
        life.close();
    }

    private record Kept(String type, String sender, String sha256, String body, String reply) {}

    private Kept kept(String id) {
        return life.database.read(handle -> handle.createQuery(
                        "select type, sender, sha256, body, reply from inbox where message_id = ?")
                .bind(0, id)
                .map((row, context) -> new Kept(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        new String(row.getBytes(4), StandardCharsets.UTF_8),
                        row.getString(5)))
                .one());
    }

    private static OrderKey stranger() {
        return new OrderKey(null, new AccessionNumber("LAB77"), "L77", null);
    }

    private void assertNothingOfItIsKept(String id) {
        Kept kept = kept(id);
        assertThat(kept.body()).isEmpty();
        assertThat(kept.sha256()).hasSize(64);
        assertThat(kept.type()).isEqualTo("ORM^O01");
        assertThat(kept.sender()).isEqualTo("RIS|HOSP");
        assertThat(kept.toString()).doesNotContain("Stranger").doesNotContain("HIV");
    }

    @Test
    void a_report_on_a_study_that_nobody_ordered_here_leaves_no_body() {
        life.receive("S1", SECRET, new OrderEvent.HumanReport(stranger(), "F", life.clock.instant(), null));
        assertNothingOfItIsKept("S1");
    }

    @Test
    void what_is_not_for_us_or_about_an_unknown_order_or_patient_leaves_no_body() {
        life.receive("S1", SECRET, new OrderEvent.NotForUs("procedure is not a head CT"));
        life.receive("S2", SECRET, new OrderEvent.Cancelled(stranger(), "CA"));
        life.receive("S3", SECRET, new OrderEvent.PatientUpdated(Patient.known(new PatientId("M9", "HOSP")), null));
        for (String id : new String[] {"S1", "S2", "S3"}) {
            assertNothingOfItIsKept(id);
        }
    }

    @Test
    void a_repetition_of_it_gets_the_stored_answer_and_another_message_under_its_id_none() {
        OrderEvent notForUs = new OrderEvent.NotForUs("procedure is not a head CT");
        assertThat(life.receive("S1", SECRET, notForUs)).isInstanceOf(Receipt.Recorded.class);
        assertThat(life.receive("S1", SECRET, notForUs)).isEqualTo(new Receipt.Repeated("reply 1"));
        assertThat(life.receive("S1", "something else", notForUs)).isEqualTo(new Receipt.IdReused());
    }

    @Test
    void a_message_about_an_order_of_ours_is_kept_whole() {
        life.receive(
                "O1",
                "the order",
                new OrderEvent.Placed(OrderLife.order(FakePacs.STUDY.value(), "ACC1", OrderLife.ANN, 1), null));
        assertThat(kept("O1").body()).isEqualTo("the order");
        life.receive(
                "O2",
                "the end of it",
                new OrderEvent.Cancelled(new OrderKey(null, new AccessionNumber("ACC1"), null, null), "CA"));
        assertThat(kept("O2").body()).isEqualTo("the end of it");
    }
}
