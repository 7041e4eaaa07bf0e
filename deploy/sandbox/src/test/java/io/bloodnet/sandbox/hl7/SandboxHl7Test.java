package io.bloodnet.sandbox.hl7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SandboxHl7Test {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String ORU =
            "MSH|^~\\&|BLOODNET|H|RX|H|20260102||ORU^R01^ORU_R01|id-1|P|2.5.1\rOBX|1|NM|p||0.5\r";
    private static final Duration SOON = Duration.ofMillis(300);

    private final SandboxHl7 receiver = new SandboxHl7(0, InstantSource.fixed(NOW));

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void takes_a_result_and_acknowledges_it() throws Exception {
        ReceivedMessage ack = send(ORU);

        assertThat(ack.ackCode()).isEqualTo("AA");
        assertThat(ack.first("MSA", 2)).isEqualTo("id-1");
        assertThat(ack.type()).isEqualTo("ACK^R01^ACK");
        assertThat(receiver.await(1, m -> m.type().startsWith("ORU"), SOON))
                .singleElement()
                .satisfies(m -> assertThat(m.first("OBX", 5)).isEqualTo("0.5"));
    }

    @Test
    void commits_when_the_sender_asks_for_enhanced_acknowledgement() throws Exception {
        assertThat(send(ORU.replace("|P|2.5.1", "|P|2.5.1|||AL|NE")).ackCode()).isEqualTo("CA");
    }

    @Test
    void errors_and_rejections_keep_nothing() throws Exception {
        receiver.answerNext(AckMode.ERROR, AckMode.REJECT);

        assertThat(send(ORU).ackCode()).isEqualTo("AE");
        assertThat(send(ORU).ackCode()).isEqualTo("AR");
        assertThat(receiver.received()).isEmpty();
        assertThat(send(ORU).ackCode()).isEqualTo("AA");
    }

    @Test
    void silent_receiver_has_the_message_all_the_same() throws Exception {
        receiver.answerNext(AckMode.SILENT);

        assertThatThrownBy(() -> send(ORU)).isInstanceOf(IOException.class);
        assertThat(receiver.received()).hasSize(1);
    }

    @Test
    void late_acknowledgement_comes_after_the_delay() throws Exception {
        receiver.lateBy(Duration.ofMillis(50));
        receiver.answer(AckMode.LATE);

        assertThat(send(ORU).ackCode()).isEqualTo("AA");
    }

    @Test
    void acknowledges_another_message_when_told_to() throws Exception {
        receiver.answerNext(AckMode.WRONG_CONTROL_ID);

        assertThat(send(ORU).first("MSA", 2)).isNotEqualTo("id-1");
    }

    @Test
    void cuts_the_connection_before_or_after_keeping() throws Exception {
        receiver.answerNext(AckMode.CLOSE_BEFORE, AckMode.CLOSE_AFTER);

        assertThatThrownBy(() -> send(ORU)).isInstanceOf(IOException.class);
        assertThat(receiver.received()).isEmpty();
        assertThatThrownBy(() -> send(ORU)).isInstanceOf(IOException.class);
        assertThat(receiver.received()).hasSize(1);
    }

    @Test
    void bytes_outside_a_frame_end_the_connection() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), receiver.port())) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            assertThat(endOf(socket)).isTrue();
        }
    }

    @Test
    void orders_name_patient_study_and_urgency() {
        SampleCase stat = SampleCases.demo().getFirst();
        ReceivedMessage orm = new ReceivedMessage(OrderMessages.orm(stat, "NW", NOW));
        ReceivedMessage omi = new ReceivedMessage(OrderMessages.omi(stat, "NW", NOW));

        for (ReceivedMessage order : List.of(orm, omi)) {
            assertThat(order.first("PID", 3)).startsWith(stat.patientId() + "^^^");
            assertThat(order.first("OBR", 18)).isEqualTo(stat.accession());
            assertThat(order.first("OBR", 4)).contains("30799-1");
            assertThat(order.first("PV1", 2)).isEqualTo("E");
            assertThat(order.controlId()).hasSizeBetween(1, 20);
        }
        assertThat(orm.first("MSH", 12)).isEqualTo("2.3.1");
        assertThat(orm.first("ZDS", 1)).startsWith(stat.studyUid() + "^");
        assertThat(orm.first("ORC", 7)).endsWith("^S");
        assertThat(omi.first("MSH", 12)).isEqualTo("2.5.1");
        assertThat(omi.first("IPC", 1)).startsWith(stat.accession());
        assertThat(omi.first("IPC", 3)).startsWith(stat.studyUid());
        assertThat(omi.first("TQ1", 9)).isEqualTo("S");
    }

    private static boolean endOf(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketException e) { // reset: it is over, too
            return true;
        }
    }

    private ReceivedMessage send(String message) throws IOException {
        return OrderSender.send(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), receiver.port()), message, SOON);
    }
}
