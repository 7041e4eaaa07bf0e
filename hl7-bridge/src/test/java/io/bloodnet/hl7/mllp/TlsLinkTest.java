package io.bloodnet.hl7.mllp;

import static io.bloodnet.hl7.RawPeer.CLOSED;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.RawPeer;
import io.bloodnet.hl7.orderin.OrderReceiver;
import io.bloodnet.imaging.peer.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutual TLS with certificates made here: who has none, an old one, a stranger's or somebody else's is not let in. */
class TlsLinkTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    static Path dir;

    private final FakeOrderInbox inbox = new FakeOrderInbox();
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final MllpListener listener = listener(Duration.ofSeconds(30));

    @BeforeAll
    static void certificates() throws Exception {
        Files.writeString(dir.resolve("password"), PASSWORD + "\n");
        make("server", "CN=localhost", "-ext", "san=dns:localhost");
        make("ris", "CN=ris");
        make("lab", "CN=lab");
        make("old", "CN=ris", "-startdate", "-30d", "-validity", "10");
        trust("server-trust", "ris", "lab", "old");
        trust("client-trust", "server");
    }

    private static void make(String name, String subject, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                subject,
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-keystore",
                store(name).toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(more));
        keytool(command);
    }

    private static void trust(String name, String... trusted) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (String other : trusted) {
            store.setCertificateEntry(other, load(other).getCertificate(other));
        }
        try (OutputStream out = Files.newOutputStream(store(name))) {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    private static void keytool(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
    }

    private static Path store(String name) {
        return dir.resolve(name + ".p12");
    }

    private static TlsFiles tls(String key, String trust) {
        return new TlsFiles(store(key), dir.resolve("password"), store(trust), dir.resolve("password"));
    }

    private MllpListener listener(Duration handshake) {
        return listener(handshake, new Hl7Config.Sender("RIS", "HOSP", "CN=ris"));
    }

    private MllpListener listener(Duration handshake, Hl7Config.Sender sender) {
        Hl7Config.Limits limits = new Hl7Config.Limits(
                64 << 10,
                1 << 20,
                50,
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                handshake,
                Duration.ofSeconds(10));
        Hl7Config.Site site = Hl7Config.Site.defaults().withSenders(List.of(sender));
        return new MllpListener(
                new Hl7Config.Listen("127.0.0.1", 0, limits, tls("server", "server-trust")),
                new OrderReceiver(inbox, site, InstantSource.system()),
                audit,
                InstantSource.system());
    }

    @BeforeEach
    void start() {
        listener.start();
    }

    @AfterEach
    void stop() {
        listener.close();
    }

    private RawPeer peer(@Nullable String key, String protocol) throws Exception {
        return peer(listener, key, protocol);
    }

    private static RawPeer peer(MllpListener listener, @Nullable String key, String protocol) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(load("client-trust"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(key == null ? null : load(key), PASSWORD.toCharArray());
        context.init(key == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), listener.port());
        socket.setEnabledProtocols(new String[] {protocol});
        return new RawPeer(socket);
    }

    private static KeyStore load(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(name))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static String ask(RawPeer peer, byte[] message) {
        try {
            return msa(peer.send(RawPeer.framed(message)).reply(20_000));
        } catch (IOException e) {
            return CLOSED;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void lets_in_a_sender_with_its_certificate(String protocol) throws Exception {
        try (RawPeer peer = peer("ris", protocol)) {
            assertThat(ask(peer, Messages.orm("1"))).isEqualTo("AA 1");
        }
        assertThat(audit.events(AuditEvent.LinkOpened.class))
                .singleElement()
                .satisfies(e -> assertThat(e.peer()).isEqualTo("127.0.0.1 CN=ris"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "server", "old", "lab"})
    void keeps_out_everybody_else(String key) throws Exception {
        try (RawPeer peer = peer(key.equals("none") ? null : key, "TLSv1.3")) {
            assertThat(ask(peer, Messages.orm("1"))).isEqualTo(CLOSED);
        }
        listener.close();
        assertThat(audit.events(AuditEvent.LinkRefused.class)).hasSize(1);
        assertThat(inbox.received()).isEmpty();
    }

    @Test
    void knows_a_sender_by_its_certificate_s_sha_256() throws Exception {
        byte[] certificate = load("ris").getCertificate("ris").getEncoded();
        String sha256 = HexFormat.ofDelimiter(":")
                .withUpperCase()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
        try (MllpListener strict = listener(Duration.ofSeconds(30), new Hl7Config.Sender("RIS", "HOSP", sha256))) {
            strict.start();
            try (RawPeer ris = peer(strict, "ris", "TLSv1.3");
                    RawPeer lab = peer(strict, "lab", "TLSv1.3")) {
                assertThat(ask(ris, Messages.orm("1"))).isEqualTo("AA 1");
                assertThat(ask(lab, Messages.orm("2"))).isEqualTo(CLOSED);
            }
        }
    }

    @Test
    void refuses_a_sender_s_message_under_another_sender_s_name() throws Exception {
        byte[] other = Messages.bytes(
                Messages.msh("ORM^O01", "2.5.1", "1").replace("|RIS|", "|LAB|"), Messages.PID, "ORC|CA|P1");
        try (RawPeer peer = peer("ris", "TLSv1.3")) {
            assertThat(ask(peer, other)).isEqualTo("AR 1");
        }
    }

    @Test
    void knows_no_older_protocol() throws Exception {
        assertThatThrownBy(() -> {
                    try (RawPeer peer = peer("ris", "TLSv1.1")) {
                        peer.ask(Messages.orm("1"));
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void plain_text_and_silence_on_a_tls_port_are_closed() throws Exception {
        try (MllpListener impatient = listener(Duration.ofMillis(300))) {
            impatient.start();
            for (byte[] said : List.of(RawPeer.framed(Messages.orm("1")), new byte[0])) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), impatient.port())) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream().write(said);
                    assertThat(socket.getInputStream().readAllBytes()).doesNotContain("AA".getBytes());
                }
            }
        }
        assertThat(inbox.received()).isEmpty();
    }

    @Test
    void our_client_talks_tls_and_checks_the_server_s_name() throws Exception {
        assertThat(send("localhost")).isEqualTo("AA");
        assertThat(send("127.0.0.1")).isEqualTo("TLS");
    }

    private String send(String host) {
        Hl7Config.Results to = new Hl7Config.Results(
                host,
                listener.port(),
                "X",
                "Y",
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Hl7Config.AckMode.ORIGINAL,
                tls("ris", "client-trust"),
                false);
        try (MllpClient client = new MllpClient(to)) {
            return switch (client.send(Messages.orm("1"), "1")) {
                case MllpClient.Answer.Acknowledged a -> a.code();
                case MllpClient.Answer.Failed f -> f.why().name();
            };
        }
    }

    @Test
    void says_which_store_cannot_be_read() {
        TlsFiles missing = new TlsFiles(
                dir.resolve("missing.p12"), dir.resolve("password"), store("client-trust"), dir.resolve("password"));
        assertThatThrownBy(() -> TlsLinks.of(missing)).hasMessageContaining("missing.p12");
    }
}
