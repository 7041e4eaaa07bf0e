package io.bloodnet.hl7.orderin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.RawPeer;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.mllp.Conversations;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Damaged messages through the whole reading: each ends in an acceptance or a refusal that another splitter reads, never in an error of
 * ours. Longer with {@code -Dbloodnet.fuzz.seconds=N}, again with {@code -Dseed=N}.
 */
class OrderFuzzTest {

    /** However slow the machine is: of fewer it may happen that none is still good. */
    private static final int MESSAGES_MIN = 1_000;

    private static final long FUZZ_NS =
            Long.getLong("bloodnet.fuzz.seconds", Boolean.getBoolean("bloodnet.long") ? 60 : 2) * 1_000_000_000L;
    private static final Set<String> SEGMENTS =
            Set.of("MSH", "MSA", "ERR", "ORC", "OBR", "IPC", "FHS", "BHS", "BTS", "FTS");
    private static final Set<String> CODES = Set.of("AA", "AR", "CA", "CR");
    private static final List<byte[]> SEEDS = List.of(
            Messages.orm("1"),
            Messages.omi("2"),
            Messages.omi(Messages.msh("OMI^O23^OMI_O23", "3", "AL", "AL"), "XO"),
            Messages.bytes(
                    Messages.msh("ORM^O01", "2.5.1", "4"),
                    Messages.PID,
                    "ORC|RP|P0|A0",
                    "OBR|1|P0|A0|CTHEADWO",
                    "ORC|RO|P2|A2",
                    "OBR|1|P2|A2|CTHEADWO",
                    "ORC|SC|P3|A3||CM"),
            Messages.bytes(Messages.msh("ADT^A40^ADT_A39", "2.5.1", "5"), Messages.PID, "MRG|OLD^^^HOSP^MR"),
            Messages.bytes(
                    Messages.msh("ORU^R01", "2.5.1", "6") + "|7",
                    Messages.PID,
                    "OBR|1|P1|A1|x||||||||||||||A1||||20261123|||F",
                    "OBX|1|CWE|1386000^x^SCT||Y||||||F"),
            ("BHS|^~\\&|RIS\r" + new String(Messages.orm("7"), StandardCharsets.UTF_8) + "BTS|1\r")
                    .getBytes(StandardCharsets.UTF_8));
    private static final String[] WORDS = {
        "|",
        "^",
        "~",
        "\\",
        "&",
        "\r",
        "\n",
        "\0",
        "\\X0D\\",
        "\\X",
        "\\F\\",
        "\"\"",
        "MSH|^~\\&",
        "ORC|",
        "OBR|",
        "ZDS|",
        "é",
        "UNICODE UTF-8",
        "<?xml",
        "-1",
        "99999999999999999999",
        "\u00ff",
        "BTS|1",
        "BHS|^~\\&|",
        "AL",
        "NE",
        "RP",
        "RO"
    };

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private int received;

    /** Takes everything and keeps nothing. */
    private final class Open implements OrderInbox {
        @Override
        public Receipt receive(IncomingMessage message, List<OrderEvent> events, OrderEvent.Reply reply) {
            received++;
            List<OrderEvent.Outcome> outcomes = events.stream()
                    .map(e -> random.nextBoolean()
                            ? (OrderEvent.Outcome) new OrderEvent.Outcome.Applied("j")
                            : new OrderEvent.Outcome.Unable("j", "late"))
                    .toList();
            return new Receipt.Recorded(reply.write(outcomes), outcomes);
        }

        @Override
        public void refuse(IncomingMessage message, String reason, String reply) {
            assertThat(reason).hasSizeLessThan(200);
            assertThat(message.origin().messageId()).hasSizeLessThanOrEqualTo(Header.CONTROL_ID_MAX);
            assertThat(message.origin().sender()).isNotEmpty().hasSizeLessThanOrEqualTo(250);
        }
    }

    @Test
    void every_damaged_message_is_answered_in_form() {
        Conversations receiver = new OrderReceiver(
                new Open(), Hl7Config.Site.defaults(), InstantSource.fixed(Instant.parse("2026-11-23T12:00:00Z")));
        Peer peer = new Peer("127.0.0.1", List.of());
        long begin = System.nanoTime();
        int messages = 0;
        while (messages < MESSAGES_MIN || System.nanoTime() - begin < FUZZ_NS) {
            byte[] message = damaged(SEEDS.get(random.nextInt(SEEDS.size())));
            messages++;
            int before = received;
            for (byte[] reply : answers(receiver, peer, message)) {
                check(new String(reply, StandardCharsets.UTF_8), received > before);
            }
        }
        assertThat(received)
                .as("some of %d damaged messages are still good", messages)
                .isPositive();
        assertThat(received).isLessThan(messages);
    }

    private List<byte[]> answers(Conversations receiver, Peer peer, byte[] message) {
        try {
            return receiver.open(peer).answer(message);
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + new String(message, StandardCharsets.ISO_8859_1), e);
        }
    }

    private void check(String reply, boolean taken) {
        String[] segments = reply.split("\r");
        for (String segment : segments) {
            assertThat(SEGMENTS).as("seed %d: %s", seed, reply).contains(segment.substring(0, 3));
        }
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].startsWith("MSA")) {
                String code = RawPeer.field(segments[i], "MSA", 1);
                assertThat(CODES).as("seed %d: %s", seed, reply).contains(code);
                assertThat(taken || code.endsWith("R"))
                        .as("seed %d: %s", seed, reply)
                        .isTrue();
                assertThat(segments[i - 1]).as("seed %d", seed).startsWith("MSH|^~\\&|");
            }
        }
    }

    private byte[] damaged(byte[] message) {
        byte[] result = message;
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(result.length + 1);
            int to = Math.min(result.length, at + random.nextInt(1 + random.nextInt(40)));
            byte[] word = switch (random.nextInt(5)) {
                case 0 -> new byte[0];
                case 1 -> new byte[] {(byte) random.nextInt(256)};
                case 2 -> Arrays.copyOfRange(result, random.nextInt(at + 1), at);
                default -> WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.ISO_8859_1);
            };
            byte[] next = new byte[at + word.length + result.length - to];
            System.arraycopy(result, 0, next, 0, at);
            System.arraycopy(word, 0, next, at, word.length);
            System.arraycopy(result, to, next, at + word.length, result.length - to);
            result = next;
        }
        return result;
    }
}
