package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.server.security.Loopback;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Section {@code hl7}: orders in, ORU^R01 out. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record Hl7Keys(
        Listen listen,
        @Nullable Results results,
        String application,
        String facility,
        @JsonProperty("time-zone") @Nullable String timeZone,
        @JsonProperty("orr-replies") Boolean orrReplies,
        List<String> senders,
        @JsonProperty("allow-open") Boolean allowOpen,
        String charset,
        @JsonProperty("assigning-authority") @Nullable String assigningAuthority,
        @JsonProperty("accession-fields") List<String> accessionFields) {

    private static final int PORT_MAX = 65_535;
    /** MSH-3, MSH-4 and a certificate. */
    private static final int SENDER_PARTS = 3;

    private static final Key.Text LISTEN_HOST =
            new Key.Text("hl7.listen.host", "127.0.0.1", "address at which orders come in");
    private static final Key.Int LISTEN_PORT =
            new Key.Int("hl7.listen.port", 2575, 0, PORT_MAX, "", "its port; 0 takes any free one");
    private static final Key.Int MAX_LINKS = new Key.Int(
            "hl7.listen.max-links",
            Hl7Config.Limits.defaults().linksMax(),
            1,
            Hl7Config.LINKS_MAX,
            "connections",
            "at a time; at the limit the oldest that never brought a message makes room");
    private static final Key.Text RESULTS_HOST = new Key.Text(
            "hl7.results.host", "127.0.0.1", "where ORU^R01 goes; leave the section `results` out for nowhere");
    private static final Key.Int RESULTS_PORT = new Key.Int("hl7.results.port", 2576, 0, PORT_MAX, "", "its port");
    private static final Key.Text RESULTS_APPLICATION =
            new Key.Text("hl7.results.application", "EHR", "MSH-5 of results");
    private static final Key.Text RESULTS_FACILITY = new Key.Text("hl7.results.facility", "HOSP", "MSH-6 of results");
    private static final Key.Int ACK_TIMEOUT = new Key.Int(
            "hl7.results.ack-timeout-seconds", 30, 1, 600, "seconds", "how long each acknowledgement is waited for");
    private static final Key.Switch ENHANCED =
            new Key.Switch("hl7.results.enhanced", false, "asks for a commit acknowledgement");
    private static final Key.Switch APPLICATION_ACK = new Key.Switch(
            "hl7.results.application-ack", false, "with `enhanced`: waits for the application's acknowledgement too");
    private static final Key.Switch PDF = new Key.Switch(
            "hl7.results.pdf",
            true,
            "the report as PDF in an OBX of type ED (30 to 450 kB); false for receivers with short fields");
    private static final Key.Text APPLICATION = new Key.Text("hl7.application", "BLOODNET", "our own MSH-3");
    private static final Key.Text FACILITY = new Key.Text("hl7.facility", "HOSP", "our own MSH-4");
    private static final Key.Switch ORR_REPLIES =
            new Key.Switch("hl7.orr-replies", false, "answers ORM^O01 with ORR^O02 instead of a plain ACK");
    private static final Key.Switch ALLOW_OPEN = new Key.Switch(
            "hl7.allow-open",
            false,
            "takes messages from anybody beyond loopback, with neither `hl7.senders` nor `hl7.listen.tls`, for a network that is closed"
                    + " to others; said in the log at each start");
    private static final Key.Text CHARSET = new Key.Text("hl7.charset", "UTF-8", "of messages without MSH-18");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            LISTEN_HOST,
            LISTEN_PORT,
            MAX_LINKS,
            new Key.Other(
                    "hl7.listen.tls", "none", "section `tls`", "mutual TLS: key store and trust store are required"),
            RESULTS_HOST,
            RESULTS_PORT,
            RESULTS_APPLICATION,
            RESULTS_FACILITY,
            ACK_TIMEOUT,
            ENHANCED,
            APPLICATION_ACK,
            PDF,
            new Key.Other(
                    "hl7.results.tls", "none", "section `tls`", "mutual TLS: key store and trust store are required"),
            APPLICATION,
            FACILITY,
            new Key.Other(
                    "hl7.time-zone", "the machine's", "zone", "of times without an offset, such as `Europe/Vienna`"),
            ORR_REPLIES,
            new Key.Other(
                    "hl7.senders",
                    "all",
                    "list",
                    "who may send: `APPLICATION\\|FACILITY` (MSH-3, MSH-4) or `APPLICATION\\|FACILITY\\|CERTIFICATE`, its SHA-256 in hex"
                            + " or its subject (RFC 2253); certificates need `hl7.listen.tls`"),
            ALLOW_OPEN,
            CHARSET,
            new Key.Other(
                    "hl7.assigning-authority",
                    "none",
                    "",
                    "which repetition of PID-3 is ours; without it the one of type MR"),
            new Key.Other(
                    "hl7.accession-fields",
                    "IPC_1, OBR_18, ORC_3",
                    "list",
                    "where the accession number is, best first; also OBR_20; those that are there must agree"));

    /** Fills what is absent; {@link #edge} checks. */
    public Hl7Keys {
        listen = listen == null ? new Listen(null, null, null, null) : listen;
        application = APPLICATION.or(application);
        facility = FACILITY.or(facility);
        orrReplies = ORR_REPLIES.or(orrReplies);
        senders = senders == null ? List.of() : List.copyOf(senders);
        allowOpen = ALLOW_OPEN.or(allowOpen);
        charset = CHARSET.or(charset);
        accessionFields = accessionFields == null ? List.of("IPC_1", "OBR_18", "ORC_3") : List.copyOf(accessionFields);
    }

    /** Where orders come in. */
    public record Listen(
            String host,
            Integer port,
            @JsonProperty("max-links") Integer maxLinks,
            @Nullable TlsKeys tls) {
        /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
        public Listen {
            host = LISTEN_HOST.or(host);
            port = LISTEN_PORT.or(port);
            maxLinks = MAX_LINKS.or(maxLinks);
        }
    }

    /** Where ORU^R01 goes. */
    public record Results(
            String host,
            Integer port,
            String application,
            String facility,
            @JsonProperty("ack-timeout-seconds") Integer ackTimeoutSeconds,
            Boolean enhanced,
            @JsonProperty("application-ack") Boolean applicationAck,
            Boolean pdf,
            @Nullable TlsKeys tls) {
        /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
        public Results {
            host = RESULTS_HOST.or(host);
            port = RESULTS_PORT.or(port);
            ackTimeoutSeconds = ACK_TIMEOUT.or(ackTimeoutSeconds);
            application = RESULTS_APPLICATION.or(application);
            facility = RESULTS_FACILITY.or(facility);
            enhanced = ENHANCED.or(enhanced);
            applicationAck = APPLICATION_ACK.or(applicationAck);
            pdf = PDF.or(pdf);
            if (applicationAck && !enhanced) {
                throw new ConfigException("hl7.results.application-ack needs hl7.results.enhanced: true");
            }
        }

        private Hl7Config.Results edge() {
            return new Hl7Config.Results(
                    host,
                    port,
                    application,
                    facility,
                    Hl7Config.Results.plain(host, port).connectTimeout(),
                    Duration.ofSeconds(ackTimeoutSeconds),
                    ackMode(),
                    TlsKeys.mutual("hl7.results.tls", tls),
                    pdf);
        }

        private Hl7Config.AckMode ackMode() {
            if (!enhanced) {
                return Hl7Config.AckMode.ORIGINAL;
            }
            return applicationAck ? Hl7Config.AckMode.APPLICATION : Hl7Config.AckMode.COMMIT;
        }
    }

    static Hl7Keys usual() {
        return new Hl7Keys(null, null, null, null, null, null, null, null, null, null, null);
    }

    /** Whether anybody beyond this machine may send messages. */
    boolean isOpen() {
        return !Loopback.isLoopback(listen.host()) && senders.isEmpty() && listen.tls() == null;
    }

    /** What the HL7 edge needs. @throws ConfigException naming the key that is wrong */
    Hl7Config edge(OrderKeys orders) {
        Hl7Config.Limits usual = Hl7Config.Limits.defaults();
        Hl7Config.Limits limits = new Hl7Config.Limits(
                usual.frameBytesMax(),
                usual.bufferedBytesMax(),
                listen.maxLinks(),
                usual.idleTimeout(),
                usual.frameTimeout(),
                usual.writeTimeout(),
                usual.drainTimeout());
        return new Hl7Config(
                new Hl7Config.Listen(
                        listen.host(), listen.port(), limits, TlsKeys.mutual("hl7.listen.tls", listen.tls())),
                site(orders),
                results == null ? null : results.edge());
    }

    /** What is particular to the hospital. @throws ConfigException naming the key that is wrong */
    Hl7Config.Site site(OrderKeys orders) {
        return new Hl7Config.Site(
                application,
                facility,
                orders.localCodes(),
                allowed(),
                characters(),
                assigningAuthority,
                zone(),
                fields(),
                orrReplies);
    }

    private ZoneId zone() {
        try {
            return timeZone == null ? ZoneId.systemDefault() : ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            throw new ConfigException("hl7.time-zone must be a zone's name such as Europe/Vienna, or an offset");
        }
    }

    private Set<Hl7Config.AccessionField> fields() {
        try {
            return accessionFields.stream()
                    .map(Hl7Config.AccessionField::valueOf)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("hl7.accession-fields: each must be IPC_1, OBR_18, ORC_3 or OBR_20");
        }
    }

    private List<Hl7Config.Sender> allowed() {
        List<Hl7Config.Sender> all = new ArrayList<>();
        for (String sender : senders) {
            String[] parts = sender.split("\\|", SENDER_PARTS);
            if (parts.length < 2 || parts[0].isBlank() || parts.length == SENDER_PARTS && parts[2].isBlank()) {
                throw new ConfigException(
                        "hl7.senders: each must be APPLICATION|FACILITY or APPLICATION|FACILITY|CERTIFICATE"
                                + " (MSH-3, MSH-4, the certificate's SHA-256 in hex or its subject)");
            }
            String certificate = parts.length == SENDER_PARTS ? parts[2].strip() : null;
            if (certificate != null && listen.tls() == null) {
                throw new ConfigException("hl7.senders: a certificate needs hl7.listen.tls");
            }
            all.add(new Hl7Config.Sender(parts[0].strip(), parts[1].strip(), certificate));
        }
        return all;
    }

    private Charset characters() {
        try {
            return Charset.forName(charset);
        } catch (UnsupportedCharsetException | IllegalCharsetNameException e) {
            throw new ConfigException("hl7.charset is not a character set that Java knows");
        }
    }
}
