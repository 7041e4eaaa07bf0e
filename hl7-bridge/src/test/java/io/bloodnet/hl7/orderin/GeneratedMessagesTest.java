package io.bloodnet.hl7.orderin;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.parser.CanonicalModelClassFactory;
import ca.uhn.hl7v2.parser.PipeParser;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.NoValidation;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.RawPeer;
import io.bloodnet.hl7.mllp.Conversations;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * 10,000 legal messages (1,000,000 with {@code -Dbloodnet.long=true}, again with {@code -Dseed=N}): each is taken or refused in so many words,
 * never under a wrong patient, and never accepted before the inbox has committed it. Two other parsers say what each message means.
 */
class GeneratedMessagesTest {

    private static final int MESSAGES = Boolean.getBoolean("bloodnet.long") ? 1_000_000 : 10_000;
    /** HAPI reads one of so many: it takes a hundred times as long as the splitter. */
    private static final int HAPI_EACH = 20;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Committing inbox = new Committing();

    /** Commits one message and keeps what it said until the next. */
    private static final class Committing implements OrderInbox {
        private List<OrderEvent> committed = List.of();
        private int taken;
        private boolean refused;

        @Override
        public Receipt receive(IncomingMessage message, List<OrderEvent> events, OrderEvent.Reply reply) {
            List<OrderEvent.Outcome> outcomes = events.stream()
                    .map(e -> (OrderEvent.Outcome) new OrderEvent.Outcome.Applied("j"))
                    .toList();
            String text = reply.write(outcomes);
            committed = events;
            taken++;
            return new Receipt.Recorded(text, outcomes);
        }

        @Override
        public void refuse(IncomingMessage message, String reason, String reply) {
            refused = true;
        }
    }

    @Test
    void every_message_is_taken_or_refused_and_never_under_a_wrong_patient() throws HL7Exception {
        MessageGenerator generator = new MessageGenerator(new Random(seed));
        PipeParser hapi = new PipeParser(new CanonicalModelClassFactory("2.5.1"));
        hapi.setValidationContext(new NoValidation());
        int refused = 0;
        for (int i = 0; i < MESSAGES; i++) {
            MessageGenerator.Made made = generator.next();
            boolean taken = answered(made, i);
            refused += taken ? 0 : 1;
            if (taken) {
                check(made);
                if (i % HAPI_EACH == 0 && made.separators().equals("|^~\\&")) {
                    checkByHapi(hapi, made);
                }
            }
        }
        assertThat(refused).as("seed %d", seed).isBetween(1, MESSAGES / 20);
    }

    /** Whether it was accepted. */
    private boolean answered(MessageGenerator.Made made, int number) {
        // a minute for each message: every refusal is recorded
        InstantSource clock =
                InstantSource.fixed(Instant.parse("2026-11-29T18:00:00Z").plusSeconds(60L * number));
        Conversations receiver = new OrderReceiver(inbox, Hl7Config.Site.defaults(), clock);
        int before = inbox.taken;
        inbox.refused = false;
        List<byte[]> replies = receiver.open(new Peer("127.0.0.1", List.of())).answer(made.bytes());
        String reply = new String(replies.getFirst(), StandardCharsets.ISO_8859_1);
        boolean committed = inbox.taken == before + 1;
        String code = RawPeer.field(reply, "MSA", 1);
        assertThat(replies).as(() -> about(made)).hasSize(1);
        assertThat(RawPeer.field(reply, "MSA", 2)).as(() -> about(made)).isEqualTo(made.controlId());
        assertThat(code).as(() -> about(made)).isEqualTo(committed ? "AA" : "AR");
        assertThat(committed != inbox.refused).as(() -> about(made)).isTrue();
        assertThat(committed).as(() -> about(made)).isEqualTo(made.legal());
        return committed;
    }

    private void check(MessageGenerator.Made made) {
        List<SecondParser.Read> read = SecondParser.read(made.text(), made.separators());
        boolean report = made.text().contains("|ORU^R01");
        int placed = 0;
        for (OrderEvent event : inbox.committed) {
            switch (event) {
                case OrderEvent.Placed(var order, String hold) -> {
                    SecondParser.Read by = by(read, order.key(), made);
                    assertThat(by.mrn())
                            .as(() -> about(made))
                            .isEqualTo(order.patient().id().value());
                    assertThat(by.family())
                            .as(() -> about(made))
                            .isEqualTo(order.patient().familyName());
                    assertThat(by.head() && List.of("NW", "SN").contains(by.control()))
                            .as(() -> about(made))
                            .isTrue();
                    assertThat(hold).as(() -> about(made)).isNull();
                    placed++;
                }
                case OrderEvent.Updated(var order) ->
                    assertThat(by(read, order.key(), made).mrn())
                            .as(() -> about(made))
                            .isEqualTo(order.patient().id().value());
                case OrderEvent.Cancelled(OrderKey key, String reason) -> assertPatient(key, read, made);
                case OrderEvent.HumanReport(OrderKey key, String status, Instant at, Boolean says, String name) -> {
                    assertPatient(key, read, made);
                    assertThat(says)
                            .as(() -> about(made))
                            .isEqualTo(by(read, key, made).says());
                    assertThat(status)
                            .as(() -> about(made))
                            .isEqualTo(by(read, key, made).status());
                }
                case OrderEvent.PatientUpdated(var patient, String patientClass) ->
                    assertThat(made.text())
                            .as(() -> about(made))
                            .contains(patient.id().value() + "^^^HOSP^MR");
                case OrderEvent.NotForUs(String reason) -> {}
                default -> throw new AssertionError(about(made) + " " + event);
            }
        }
        long expected = read.stream()
                .filter(r -> r.head() && List.of("NW", "SN").contains(r.control()))
                .count();
        assertThat(placed).as(() -> about(made)).isEqualTo(report ? 0 : (int) expected);
    }

    private void assertPatient(OrderKey key, List<SecondParser.Read> read, MessageGenerator.Made made) {
        PatientId patient = Objects.requireNonNull(key.patient());
        assertThat(patient.value())
                .as(() -> about(made))
                .isEqualTo(by(read, key, made).mrn());
    }

    private SecondParser.Read by(List<SecondParser.Read> read, OrderKey key, MessageGenerator.Made made) {
        List<SecondParser.Read> same = new ArrayList<>(read);
        same.removeIf(r -> !r.placer().equals(key.placerNumber()));
        assertThat(same).as(() -> about(made)).hasSize(1);
        String namespace = key.placerNamespace() == null ? "" : key.placerNamespace();
        assertThat(same.getFirst().namespace()).as(() -> about(made)).isEqualTo(namespace);
        return same.getFirst();
    }

    /** The library's parser agrees on the first patient. */
    private void checkByHapi(PipeParser hapi, MessageGenerator.Made made) throws HL7Exception {
        Message message = hapi.parse(made.text());
        Terser terser = new Terser(message);
        String family = terser.get("/.PID-5-1");
        for (OrderEvent event : inbox.committed) {
            if (event instanceof OrderEvent.Placed(var order, String hold)) {
                assertThat(order.patient().familyName()).as(() -> about(made)).isEqualTo(family);
                assertThat(ids(terser))
                        .as(() -> about(made))
                        .contains(order.patient().id().value());
            }
        }
    }

    private static List<String> ids(Terser terser) throws HL7Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ids.add(String.valueOf(terser.get("/.PID-3(" + i + ")-1")));
        }
        return ids;
    }

    private String about(MessageGenerator.Made made) {
        return "seed " + seed + ": " + made.text();
    }
}
