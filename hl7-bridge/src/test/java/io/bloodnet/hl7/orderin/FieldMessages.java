package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.field;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Messages as hospitals send them, byte for byte (made by hand from public trouble reports of other systems), and what becomes of them. */
abstract class FieldMessages {

    static final Instant NOW = Instant.parse("2026-11-29T18:00:00Z");

    final FakeOrderInbox inbox = new FakeOrderInbox();

    static byte[] bytes(String name) {
        try (InputStream in = FieldMessages.class.getResourceAsStream("/field/" + name + ".hl7")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    static byte[] replaced(String name, String from, String to) {
        String text = new String(bytes(name), StandardCharsets.ISO_8859_1);
        assertThat(text).contains(from);
        return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A report with this OBR-25 and one observation with this OBX-11. */
    static byte[] with(String report, String observation) {
        String text = new String(bytes("06D-obx11"), StandardCharsets.ISO_8859_1);
        return text.replace("|||C\r", "|||" + report + "\r")
                .replace("||||||D", "||||||" + observation)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    String ask(byte[] message) {
        List<byte[]> replies = new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.fixed(NOW))
                .open(new Peer("127.0.0.1", List.of()))
                .answer(message);
        assertThat(replies).hasSize(1);
        return new String(replies.getFirst(), StandardCharsets.UTF_8);
    }

    List<String> answers(byte[] message) {
        return Arrays.stream(ask(message).split("\r"))
                .filter(s -> s.startsWith("MSA"))
                .map(s -> field(s, "MSA", 1) + " " + field(s, "MSA", 2))
                .toList();
    }

    ImagingOrder placed(byte[] message) {
        assertThat(msa(ask(message))).startsWith("AA");
        assertThat(inbox.events()).hasSize(1);
        OrderEvent.Placed placed = (OrderEvent.Placed) inbox.events().getFirst();
        assertThat(placed.hold()).isNull();
        return placed.order();
    }

    List<OrderEvent.HumanReport> reports(byte[] message) {
        assertThat(msa(ask(message))).startsWith("AA");
        return inbox.events().stream().map(OrderEvent.HumanReport.class::cast).toList();
    }

    static String placer(OrderEvent.HumanReport report) {
        return Objects.requireNonNull(report.key().placerNumber());
    }
}
