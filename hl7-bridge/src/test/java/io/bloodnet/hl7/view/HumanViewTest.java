package io.bloodnet.hl7.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.mllp.MllpListener;
import io.bloodnet.hl7.orderin.OrderReceiver;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class HumanViewTest {

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:05Z");
    private final HumanView view = new HumanView(Hl7Config.Site.defaults());

    private String show(byte[] file) {
        return view.show(file, NOW);
    }

    @Test
    void says_what_a_message_means_and_what_is_answered() {
        assertThat(show(Messages.orm("7")))
                .contains("ORM^O01 2.3.1 from RIS|HOSP, control id 7")
                .contains("accepted")
                .contains("new order: accession A1, study " + Messages.STUDY)
                .contains("STAT; patient M0001 (HOSP) Probe Pat born 1957-03-03, FEMALE, class E")
                .contains("MSA|AA|7");
    }

    @Test
    void says_why_a_message_is_refused() {
        assertThat(show(Messages.bytes(
                        Messages.msh("ORM^O01", "2.5.1", "7"), "ORC|NW|P1|A1", Messages.obr("CTHEADWO"))))
                .contains("refused: PID, the message has no PID (101 Required field missing)")
                .contains("MSA|AR|7");
        assertThat(show("<xml/>".getBytes(StandardCharsets.UTF_8))).contains("XML is not taken");
    }

    @Test
    void says_why_an_order_is_held() {
        String held = show(Messages.bytes(
                Messages.msh("ORM^O01", "2.5.1", "7"), Messages.PID, "ORC|NW|P1|A2", Messages.obr("CTHEADWO")));
        assertThat(held).contains("ON HOLD: accession numbers disagree: OBR-18, ORC-3, OBR-3");
    }

    @Test
    void reads_files_as_people_keep_them() {
        String message = new String(Messages.orm("7"), StandardCharsets.UTF_8);
        for (String file : new String[] {
            message.replace('\r', '\n'), message.replace("\r", "\r\n"), "\u000b" + message + "\u001c\r"
        }) {
            assertThat(show(file.getBytes(StandardCharsets.UTF_8))).isEqualTo(show(Messages.orm("7")));
        }
    }

    @Test
    void shows_each_message_of_a_batch() {
        String batch = "BHS|^~\\&|RIS\r" + new String(Messages.orm("1"), StandardCharsets.UTF_8)
                + new String(Messages.omi("2"), StandardCharsets.UTF_8) + "BTS|2\r";
        assertThat(show(batch.getBytes(StandardCharsets.UTF_8)))
                .contains("a batch of 2 messages")
                .contains("MSA|AA|1")
                .contains("MSA|AA|2");
    }

    @Test
    void sends_a_file_and_says_what_came_back() {
        try (MllpListener listener = new MllpListener(
                Hl7Config.Listen.plain("127.0.0.1", 0),
                new OrderReceiver(new FakeOrderInbox(), Hl7Config.Site.defaults(), InstantSource.system()),
                new RecordingAuditLog(),
                InstantSource.system())) {
            listener.start();
            Hl7Config.Results receiver = Hl7Config.Results.plain("127.0.0.1", listener.port());
            assertThat(view.send(Messages.orm("7"), receiver))
                    .startsWith("AA\n")
                    .contains("  MSA|AA|7");
        }
        assertThatThrownBy(() ->
                        view.send("nothing".getBytes(StandardCharsets.UTF_8), Hl7Config.Results.plain("127.0.0.1", 1)))
                .isInstanceOf(MessageRefusedException.class);
    }
}
