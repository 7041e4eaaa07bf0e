package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate over a real TLS connection; keys are made by the JDK's keytool. */
class ServerCertificateTest {

    @TempDir
    Path folder;

    @Test
    void pem_files_are_served_and_served_anew_when_they_change_and_fit() throws Exception {
        pem("first", "here");
        ServerCertificate certificate = new ServerCertificate(pemKeys());
        WebServer server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .tls(certificate.tls())
                .routing(routing -> routing.get("/", (request, response) -> response.send("hello")))
                .build()
                .start();
        try {
            assertThat(served(server.port())).contains("CN=first");
            assertThat(asked(server.port())).as("a command on this machine").isEqualTo("hello");
            pem("second", "there");
            Files.copy(file("there.crt"), file("here.crt"), StandardCopyOption.REPLACE_EXISTING);
            certificate.renew(server);
            assertThat(served(server.port())).as("its key has not come yet").contains("CN=first");
            Files.copy(file("there.key"), file("here.key"), StandardCopyOption.REPLACE_EXISTING);
            certificate.renew(server);
            assertThat(served(server.port())).contains("CN=second");
            pem("stranger", "here");
            assertThatThrownBy(() -> asked(server.port())).isInstanceOf(javax.net.ssl.SSLException.class);
        } finally {
            server.stop();
        }
    }

    @Test
    void a_key_store_is_served_and_what_cannot_be_used_stops_the_start() throws Exception {
        keyStore("store");
        Files.writeString(file("password"), "changeit\n");
        CertificateKeys keys = new CertificateKeys(
                null, null, file("store.p12").toString(), file("password").toString());
        WebServer server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .tls(new ServerCertificate(keys).tls())
                .build()
                .start();
        try {
            assertThat(served(server.port())).contains("CN=store");
        } finally {
            server.stop();
        }
        Files.writeString(file("password"), "wrong");
        assertThatThrownBy(() -> new ServerCertificate(keys)).hasMessageContaining("another password");
        assertThatThrownBy(() -> new ServerCertificate(new CertificateKeys("a", null, null, null)))
                .hasMessageContaining("http.tls needs");
        pem("one", "one");
        pem("two", "two");
        assertThatThrownBy(() -> new ServerCertificate(new CertificateKeys(
                        file("one.crt").toString(), file("two.key").toString(), null, null)))
                .hasMessageContaining("is not the certificate's");
    }

    private String asked(int port) throws Exception {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(OwnCertificate.trusted(pemKeys()))
                .build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private CertificateKeys pemKeys() {
        return new CertificateKeys(file("here.crt").toString(), file("here.key").toString(), null, null);
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private KeyStore keyStore(String name) throws Exception {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-alias",
                        "a",
                        "-dname",
                        "CN=" + name,
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        file(name + ".p12").toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor()).isZero();
        return KeyStore.getInstance(file(name + ".p12").toFile(), "changeit".toCharArray());
    }

    private void pem(String name, String files) throws Exception {
        KeyStore store = keyStore(name);
        write(file(files + ".crt"), "CERTIFICATE", store.getCertificate("a").getEncoded());
        write(
                file(files + ".key"),
                "PRIVATE KEY",
                ((PrivateKey) store.getKey("a", "changeit".toCharArray())).getEncoded());
    }

    private static void write(Path file, String what, byte[] der) throws Exception {
        Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what
                        + "-----\n");
    }

    private static String served(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAll()}, null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
