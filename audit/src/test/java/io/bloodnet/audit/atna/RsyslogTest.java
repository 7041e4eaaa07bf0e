package io.bloodnet.audit.atna;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.store.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The feed to a syslog server that is not ours: rsyslog with GnuTLS, certificates of both sides checked. */
class RsyslogTest {

    private static final long TRY_AGAIN_MS = 50;
    private static final int TRIES_MAX = 400;

    @TempDir
    private Path dir;

    private int port;

    @BeforeAll
    static void rsyslogIsHere() {
        boolean here = Stream.of("/usr/sbin/rsyslogd", "/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so")
                .map(Path::of)
                .allMatch(Files::exists);
        assumeTrue(here, "SKIPPED: rsyslog with GnuTLS is not installed (packages rsyslog, rsyslog-gnutls)");
    }

    @Test
    void every_kind_of_event_arrives_once_in_order_and_whole() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        TlsIdentity identity = TlsIdentity.make(dir, "repository");
        List<AuditEvent> events = Events.oneOfEachKind();
        try (Ledger ledger =
                Ledger.open(database, LedgerSettings.of("node-1", dir.resolve("key")), InstantSource.system())) {
            events.forEach(ledger::record);
            port = freePort();
            Process rsyslog = start(identity);
            try {
                SyslogFeed feed = new SyslogFeed(
                        database, new SyslogFeed.Receiver("localhost", port, identity.context()), "node-1");
                assertThat(sendWhenItListens(feed, rsyslog)).isEqualTo(events.size());
                assertThat(feed.sendOnce()).as("nothing is sent again").isZero();
            } finally {
                rsyslog.destroy(); // on SIGTERM it writes what it has
                assertThat(rsyslog.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        }
        List<String> lines = Files.readAllLines(dir.resolve("received"));
        assertThat(lines).as(Files.readString(dir.resolve("said"))).hasSize(events.size());
        for (int i = 0; i < lines.size(); i++) {
            String xml = lines.get(i).substring(lines.get(i).indexOf('<'));
            var message = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)))
                    .getDocumentElement();
            assertThat(message.getNodeName()).isEqualTo("AuditMessage");
            assertThat(xml).contains("#" + i + "\"");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    private Process start(TlsIdentity identity) throws Exception {
        identity.writePem(dir);
        String config = """
                global(workDirectory="%1$s" maxMessageSize="128k" defaultNetstreamDriver="gtls"
                  defaultNetstreamDriverCAFile="%1$s/cert.pem" defaultNetstreamDriverCertFile="%1$s/cert.pem"
                  defaultNetstreamDriverKeyFile="%1$s/key.pem" parser.escapeControlCharactersOnReceive="off"
                  parser.escape8BitCharactersOnReceive="off")
                module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
                input(type="imtcp" address="127.0.0.1" port="%2$d")
                template(name="message" type="string" string="%%msg%%\\n")
                action(type="omfile" file="%1$s/received" template="message")
                """.formatted(dir, port);
        Path file = Files.writeString(dir.resolve("rsyslog.conf"), config);
        return new ProcessBuilder(
                        "/usr/sbin/rsyslogd",
                        "-n",
                        "-f",
                        file.toString(),
                        "-i",
                        dir.resolve("pid").toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("said").toFile())
                .start();
    }

    private int sendWhenItListens(SyslogFeed feed, Process rsyslog) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return feed.sendOnce();
            } catch (IOException e) {
                boolean over = attempt == TRIES_MAX || rsyslog.waitFor(TRY_AGAIN_MS, TimeUnit.MILLISECONDS);
                if (over) {
                    throw new AssertionError(Files.readString(dir.resolve("said")), e);
                }
            }
        }
    }
}
