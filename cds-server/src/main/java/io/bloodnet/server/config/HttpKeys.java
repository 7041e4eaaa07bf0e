package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.server.http.ApiToken;
import io.bloodnet.server.http.CertificateKeys;
import io.bloodnet.server.security.Loopback;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Section {@code http}: where the web server listens, and who may call it. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record HttpKeys(
        String host,
        Integer port,
        @JsonProperty("token-file") @Nullable String tokenFile,
        @Nullable CertificateKeys tls,
        @Nullable Probes probes) {

    private static final int NAME_CHARS_MAX = 60;

    private static final Key.Text HOST = new Key.Text(
            "http.host",
            "127.0.0.1",
            "address of web pages and APIs; beyond loopback `cds-hooks.clients`, and `sign-in` or `http.token-file`, are required");
    private static final Key.Int PORT = new Key.Int("http.port", 8080, 0, 65_535, "", "its port; 0 takes any free one");
    private static final Key.Secret TOKEN = new Key.Secret(
            "http.token-file",
            "what programs that call `/api`, `/fhir` and `/metrics` present: Bearer, or Basic as password; at least 16 characters. It is"
                    + " not for people: pages and patients need `sign-in`");
    private static final Key.Text PROBES_HOST = new Key.Text(
            "http.probes.host",
            "127.0.0.1",
            "with this section `/health` and `/metrics` are answered at an address of their own as well, without a token (nothing there"
                    + " tells of patients), also while callers use up the connections of `http.port`");
    private static final Key.Int PROBES_PORT =
            new Key.Int("http.probes.port", 8079, 0, 65_535, "", "its port; 0 takes any free one");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            HOST,
            PORT,
            TOKEN,
            PROBES_HOST,
            PROBES_PORT,
            new Key.Other(
                    "http.tls.certificate-file",
                    "none",
                    "PEM file",
                    "our certificate and those that sign it, ours first; read again within 30 s when the files change, as are all four"),
            new Key.Other("http.tls.private-key-file", "none", "PKCS#8 file", "its key, not encrypted"),
            new Key.Other("http.tls.key-store", "none", "PKCS#12 file", "certificate and key in one file instead"),
            new Key.Other("http.tls.key-store-password-file", "none", "file", "opens the key store"));

    /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
    public HttpKeys {
        host = HOST.or(host);
        port = PORT.or(port);
    }

    /** Another listener for /health and /metrics alone. */
    public record Probes(String host, Integer port) {
        /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
        public Probes {
            host = PROBES_HOST.or(host);
            port = PROBES_PORT.or(port);
        }
    }

    static HttpKeys usual() {
        return new HttpKeys(null, null, null, null, null);
    }

    /** Stable over restarts, so that a restart takes back what it had claimed; unique among servers of one database. */
    public String serverName() {
        String machine;
        try {
            machine = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            machine = "localhost";
        }
        String name = machine + ":" + port;
        return name.length() <= NAME_CHARS_MAX ? name : name.substring(name.length() - NAME_CHARS_MAX);
    }

    /** Whether only this machine reaches the web server. */
    public boolean isLoopback() {
        return Loopback.isLoopback(host);
    }

    /** What programs must present; null for nothing. @throws ConfigException when the file holds no token that can be used */
    public @Nullable ApiToken apiToken() {
        String token = token();
        return token == null ? null : new ApiToken(token);
    }

    /** The same as text, for a command that calls the server. */
    public @Nullable String token() {
        return TOKEN.read(tokenFile);
    }
}
