package io.bloodnet.audit.atna;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.store.FeedPosition;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.store.TestDatabase;
import io.bloodnet.audit.store.TestDatabase.Kind;
import io.bloodnet.audit.testing.DrippingHandshake;
import io.bloodnet.audit.testing.PeerTrouble;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;

/** The feed to an audit repository, over real TLS with certificates of both sides. */
class SyslogFeedTest {

    private static final int NEVER = Integer.MAX_VALUE;

    @TempDir
    private static Path keys;

    private static SSLContext tls;
    private static SSLContext stranger;

    @TempDir
    private Path dir;

    private final List<String> received = new ArrayList<>();

    @BeforeAll
    static void makeKeys() throws Exception {
        tls = TlsIdentity.make(keys, "repository").context();
        stranger = TlsIdentity.make(keys, "stranger").context();
    }

    private SyslogFeed feed(DataSource database, int port, SSLContext context) {
        return new SyslogFeed(database, new SyslogFeed.Receiver("localhost", port, context), "node 1");
    }

    private Ledger ledger(DataSource database) {
        return Ledger.open(database, LedgerSettings.of("node-1", dir.resolve("key")), InstantSource.system());
    }

    private List<Long> places() throws Exception {
        List<Long> places = new ArrayList<>();
        for (String message : received) {
            String id = entry(message).getAttribute("ParticipantObjectID");
            places.add(Long.valueOf(id.substring(id.indexOf('#') + 1)));
        }
        return places;
    }

    private static Element root(String message) throws Exception {
        String xml = message.substring(message.indexOf('\uFEFF') + 1);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
    }

    /** The last participant object: the entry itself. */
    private static Element entry(String message) throws Exception {
        var objects = root(message).getElementsByTagName("ParticipantObjectIdentification");
        return (Element) objects.item(objects.getLength() - 1);
    }

    /** The feed as a client that asks once: a new entry each time. */
    private PeerTrouble.Client client(Ledger ledger, DataSource database, int port) {
        SyslogFeed feed = new SyslogFeed(
                database,
                new SyslogFeed.Receiver("localhost", port, tls),
                "node 1",
                Duration.ofSeconds(1),
                Duration.ofSeconds(2));
        return () -> {
            ledger.record(Events.oneOfEachKind().getFirst());
            return feed.sendOnce() > 0;
        };
    }

    @Test
    void a_receiver_in_trouble_is_given_up_in_time_and_nothing_is_lost() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = ledger(database);
                SyslogReceiver receiver = new SyslogReceiver(tls, 0, received, NEVER)) {
            assertThat(PeerTrouble.table(List.of(new PeerTrouble.Peer(
                            "syslog", receiver.port(), Duration.ofSeconds(2), port -> client(ledger, database, port)))))
                    .as("the JDK takes an end without close_notify for one, so that a cut just before it is not seen")
                    .allMatch(wrong -> wrong.equals("syslog CUT_INSIDE: answers"));
        }
    }

    @Test
    void a_handshake_that_drips_ends_with_the_time_of_the_batch() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = ledger(database);
                DrippingHandshake receiver = new DrippingHandshake();
                PeerTrouble.Client client = client(ledger, database, receiver.port())) {
            long began = System.nanoTime();
            assertThatExceptionOfType(IOException.class).isThrownBy(client::ask);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void every_kind_of_event_arrives_as_an_audit_message_with_its_exact_line() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        List<AuditEvent> events = Events.oneOfEachKind();
        try (Ledger ledger = ledger(database);
                SyslogReceiver receiver = new SyslogReceiver(tls, 0, received, NEVER)) {
            events.forEach(ledger::record);
            SyslogFeed feed = feed(database, receiver.port(), tls);
            assertThat(feed.sendOnce()).isEqualTo(events.size());
            assertThat(feed.sendOnce()).as("nothing is sent again").isZero();
            assertThat(feed.status().next()).isEqualTo(events.size());
        }
        assertThat(places())
                .isEqualTo(LongStream.range(0, events.size()).boxed().toList());
        for (int i = 0; i < events.size(); i++) {
            AuditEvent event = events.get(i);
            int priority = event.outcome().code() == 0 ? 85 : 84;
            assertThat(received.get(i))
                    .startsWith(
                            "<" + priority + ">1 " + event.at() + " node1 BloodNet-CDS - IHE+RFC-3881 - \uFEFF<Audit");
            Element identification = (Element) root(received.get(i))
                    .getElementsByTagName("EventIdentification")
                    .item(0);
            assertThat(identification.getAttribute("EventOutcomeIndicator"))
                    .isEqualTo(Integer.toString(event.outcome().code()));
            Element detail = (Element) entry(received.get(i))
                    .getElementsByTagName("ParticipantObjectDetail")
                    .item(0);
            assertThat(new String(Base64.getDecoder().decode(detail.getAttribute("value")), StandardCharsets.UTF_8))
                    .startsWith("{\"seq\":" + i + ",")
                    .contains("\"" + event.type() + "\"");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void nothing_is_lost_when_the_receiver_dies_with_what_it_read_and_is_started_again(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        try (Ledger ledger = ledger(database)) {
            IntStream.range(0, 60).forEach(i -> ledger.record(Events.numbered(i)));
            int port;
            try (SyslogReceiver dying = new SyslogReceiver(tls, 0, received, 40)) {
                port = dying.port();
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> feed(database, dying.port(), tls).sendOnce());
            }
            assertThatExceptionOfType(IOException.class)
                    .as("nobody listens")
                    .isThrownBy(() -> feed(database, port, tls).sendOnce());
            IntStream.range(60, 70).forEach(i -> ledger.record(Events.numbered(i)));
            try (SyslogReceiver again = new SyslogReceiver(tls, port, received, NEVER)) {
                assertThat(feed(database, again.port(), tls).sendOnce()).isEqualTo(70);
            }
        }
        assertThat(places()).isEqualTo(LongStream.range(0, 70).boxed().toList());
    }

    @Test
    void sends_nothing_to_a_receiver_whose_certificate_it_does_not_trust_or_who_does_not_trust_ours() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = ledger(database);
                SyslogReceiver receiver = new SyslogReceiver(tls, 0, received, NEVER)) {
            ledger.record(Events.numbered(0));
            SyslogFeed feed = feed(database, receiver.port(), stranger);
            assertThatExceptionOfType(IOException.class).isThrownBy(feed::sendOnce);
            SyslogFeed elsewhere = new SyslogFeed(
                    database,
                    new SyslogFeed.Receiver(InetAddress.getLoopbackAddress().getHostAddress(), receiver.port(), tls),
                    "node");
            assertThatExceptionOfType(IOException.class)
                    .as("the certificate is of another name")
                    .isThrownBy(elsewhere::sendOnce);
        }
        assertThat(received).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void one_server_sends_at_a_time(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        try (Ledger ledger = ledger(database);
                SyslogReceiver receiver = new SyslogReceiver(tls, 0, received, NEVER)) {
            ledger.record(Events.numbered(0));
            SyslogFeed feed = feed(database, receiver.port(), tls);
            try (FeedPosition other = FeedPosition.take(database, feed.status().name())) {
                assertThat(other.isOurs()).isTrue();
                assertThat(feed.sendOnce()).isZero();
            }
            assertThat(feed.sendOnce()).isOne();
        }
    }
}
