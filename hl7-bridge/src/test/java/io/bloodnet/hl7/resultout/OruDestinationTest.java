package io.bloodnet.hl7.resultout;

import static io.bloodnet.hl7.RawPeer.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Hl7Config.AckMode;
import io.bloodnet.hl7.RawPeer;
import io.bloodnet.hl7.Reports;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Delivery to receivers of every temper, on real sockets. */
class OruDestinationTest {

    /** What a receiver does with one message; an empty list hangs up. */
    private interface Manner {
        List<String> answer(String message, int number);
    }

    private static final String HANG_UP = "hang up";

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<String> got = new CopyOnWriteArrayList<>();
    private final AtomicInteger links = new AtomicInteger();

    private final Semaphore hungUp = new Semaphore(0);

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
    }

    private OruDestination to(Manner manner) throws IOException {
        return to(manner, AckMode.ORIGINAL);
    }

    private OruDestination to(Manner manner, AckMode mode) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open.add(server);
        Thread.ofVirtual().start(() -> serve(server, manner));
        Hl7Config.Results results = new Hl7Config.Results(
                "127.0.0.1",
                server.getLocalPort(),
                "EHR",
                "HOSP",
                Duration.ofSeconds(2),
                Duration.ofMillis(400),
                mode,
                null,
                false);
        OruDestination destination = new OruDestination(Hl7Config.Site.defaults(), results);
        open.add(destination);
        return destination;
    }

    private void serve(ServerSocket server, Manner manner) {
        while (true) {
            try {
                RawPeer peer = new RawPeer(server.accept());
                links.incrementAndGet();
                Thread.ofVirtual().start(() -> {
                    talk(peer, manner);
                    hungUp.release();
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private void talk(RawPeer peer, Manner manner) {
        try (peer) {
            while (true) {
                String message = peer.reply(10_000);
                if (!message.startsWith("MSH")) {
                    return;
                }
                got.add(message);
                List<String> answers = manner.answer(message, got.size());
                if (answers.isEmpty()) {
                    return;
                }
                for (String answer : answers) {
                    if (answer.equals(HANG_UP)) {
                        return;
                    }
                    peer.send(RawPeer.framed(answer.getBytes(StandardCharsets.UTF_8)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String ack(String code, String id) {
        return "MSH|^~\\&|EHR|HOSP|BLOODNET|HOSP|20261123||ACK^R01^ACK|A" + id + "|P|2.5.1\rMSA|" + code + "|" + id
                + "\r";
    }

    private static String id(String message) {
        return field(message, "MSH", 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void takes_an_acknowledgement_whose_segments_end_with_line_feeds(String end) throws IOException {
        OruDestination lines = to((m, n) -> List.of(ack("AA", id(m)).replace("\r", end) + end));
        assertThat(lines.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
        OruDestination refusing = to((m, n) -> List.of(ack("AR", id(m)).replace("\r", end)));
        assertThat(refusing.deliver(Reports.positive())).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void delivers_over_one_link_and_keeps_it() throws IOException {
        OruDestination destination = to((m, n) -> List.of(ack("AA", id(m))));
        Outcome outcome = destination.deliver(Reports.positive());
        assertThat(outcome).isEqualTo(new Outcome.Delivered(OruMessage.controlId(Reports.positive())));
        assertThat(destination.deliver(Reports.negative())).isInstanceOf(Outcome.Delivered.class);
        assertThat(links).hasValue(1);
        assertThat(got).hasSize(2);
    }

    @Test
    void a_repetition_is_the_same_message() throws IOException {
        OruDestination destination = to((m, n) -> List.of(ack("AA", id(m))));
        destination.deliver(Reports.positive());
        destination.deliver(Reports.positive());
        assertThat(got.get(1)).isEqualTo(got.get(0));
    }

    @ParameterizedTest
    @CsvSource({
        "AA,'Delivered[receipt=%s]'",
        "CA,'Delivered[receipt=%s]'",
        "AE,'Retry[code=AE, after=null]'",
        "CE,'Retry[code=CE, after=null]'",
        "AR,Refused[code=AR]",
        "CR,Refused[code=CR]",
        "ZZ,'Retry[code=WRONG_ACK, after=null]'"
    })
    void understands_each_code(String code, String outcome) throws IOException {
        OruDestination destination = to((m, n) -> List.of(ack(code, id(m))));
        assertThat(destination.deliver(Reports.positive()))
                .hasToString(outcome.formatted(OruMessage.controlId(Reports.positive())));
    }

    @Test
    void an_unknown_patient_or_order_there_is_a_mismatch() throws IOException {
        OruDestination destination =
                to((m, n) -> List.of(ack("AE", id(m)) + "ERR||PID^1^3|204^Unknown key identifier^HL70357|E\r"));
        assertThat(destination.deliver(Reports.positive())).isEqualTo(new Outcome.Mismatch("UNKNOWN_KEY"));
    }

    @Test
    void tries_again_when_nobody_listens() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        try (OruDestination destination =
                new OruDestination(Hl7Config.Site.defaults(), Hl7Config.Results.plain("127.0.0.1", port))) {
            assertThat(destination.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("CONNECT", null));
        }
    }

    @Test
    void tries_again_when_the_receiver_hangs_up() throws IOException {
        OruDestination destination = to((m, n) -> n == 1 ? List.of() : List.of(ack("AA", id(m))));
        assertThat(destination.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("LINK_BROKEN", null));
        assertThat(destination.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
    }

    @Test
    void does_not_use_a_kept_link_that_was_closed_or_on_which_something_waits() throws IOException {
        OruDestination hangsUp = to((m, n) -> List.of(ack("AA", id(m)), HANG_UP));
        assertThat(hangsUp.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
        hungUp.acquireUninterruptibly();
        assertThat(hangsUp.deliver(Reports.negative())).isInstanceOf(Outcome.Delivered.class);
        OruDestination talks = to((m, n) -> List.of(ack("AA", id(m)), ack("AR", id(m))));
        assertThat(talks.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(talks.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(links).hasValue(4);
    }

    @Test
    void never_takes_an_acknowledgement_of_another_message() throws IOException {
        OruDestination wrong = to((m, n) -> List.of(ack("AA", "OTHER")));
        assertThat(wrong.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("WRONG_ACK", null));
        OruDestination empty = to((m, n) -> List.of("MSH|^~\\&|EHR\rMSA|AA|\r"));
        assertThat(empty.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("WRONG_ACK", null));
        OruDestination garbage = to((m, n) -> List.of("garbage"));
        assertThat(garbage.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("WRONG_ACK", null));
        OruDestination xml = to((m, n) -> List.of("<ACK><MSA.2>" + id(m) + "</MSA.2></ACK>"));
        assertThat(xml.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("WRONG_ACK", null));
    }

    @Test
    void passes_over_a_wrong_acknowledgement_to_the_right_one() throws IOException {
        OruDestination destination = to((m, n) -> List.of(ack("AR", "OTHER"), ack("AA", id(m))));
        assertThat(destination.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
    }

    @Test
    void a_late_acknowledgement_dies_with_its_link() throws IOException {
        List<String> first = new CopyOnWriteArrayList<>();
        OruDestination destination = to((m, n) -> {
            if (n == 1) {
                first.add(id(m));
                return List.of("MSH|^~\\&|EHR\rMSA|AA|LATER\r"); // and nothing more in time
            }
            return List.of(ack("AR", first.getFirst()), ack("AA", id(m)));
        });
        assertThat(destination.deliver(Reports.positive())).isInstanceOf(Outcome.Retry.class);
        assertThat(destination.deliver(Reports.negative())).isInstanceOf(Outcome.Delivered.class);
        assertThat(links).hasValue(2);
    }

    @Test
    void in_enhanced_mode_waits_for_the_commit_or_for_both_acknowledgements() throws IOException {
        OruDestination commit = to((m, n) -> List.of(ack("CA", id(m))), AckMode.COMMIT);
        assertThat(commit.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(got.getLast().split("\r")[0]).contains("|AL|NE|");

        OruDestination both = to((m, n) -> List.of(ack("CA", id(m)), ack("AA", id(m))), AckMode.APPLICATION);
        assertThat(both.deliver(Reports.positive())).isInstanceOf(Outcome.Delivered.class);
        OruDestination refused = to((m, n) -> List.of(ack("CA", id(m)), ack("AR", id(m))), AckMode.APPLICATION);
        assertThat(refused.deliver(Reports.positive())).isEqualTo(new Outcome.Refused("AR"));
        OruDestination silent = to((m, n) -> List.of(ack("CA", id(m))), AckMode.APPLICATION);
        assertThat(silent.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("ACK_TIMEOUT", null));
        OruDestination notSafe = to((m, n) -> List.of(ack("CE", id(m))), AckMode.APPLICATION);
        assertThat(notSafe.deliver(Reports.positive())).isEqualTo(new Outcome.Retry("CE", null));
    }
}
