package io.bloodnet.hl7;

import io.bloodnet.imaging.peer.TlsFiles;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the HL7 v2 edge.
 *
 * @param listen where orders come in
 * @param site what is particular to the hospital
 * @param results where ORU^R01 goes; null for nowhere
 */
public record Hl7Config(Listen listen, Site site, @Nullable Results results) {

    private static final int PORT_MAX = 65_535;

    /** The most links that can be asked for. */
    public static final int LINKS_MAX = 10_000;

    /**
     * Where orders come in.
     *
     * @param host address to bind
     * @param port 0 to 65535; 0 lets the system choose
     * @param tls certificates of both sides (IHE ATNA); null for plain TCP
     */
    public record Listen(
            String host, int port, Limits limits, @Nullable TlsFiles tls) {
        /** @throws IllegalArgumentException naming the key and its range */
        public Listen {
            text("hl7.listen.host", host);
            range("hl7.listen.port", port, 0, PORT_MAX);
        }

        /** Plain TCP with the default limits. */
        public static Listen plain(String host, int port) {
            return new Listen(host, port, Limits.defaults(), null);
        }
    }

    /**
     * What links may cost.
     *
     * @param frameBytesMax longest message, bytes; an order has 1 to 4 kB, a report with text some 100 kB
     * @param bufferedBytesMax all half-received messages together, bytes, besides the room that each link has of its own (16 KiB, less when
     *     all links together would have more than this): half-received messages never take more than twice this, or 1 KiB a link
     * @param linksMax open links; at the limit the oldest link that never brought a message makes room, else the new one is refused
     * @param idleTimeout a link without a message is closed after this
     * @param frameTimeout from a message's first byte to its last
     * @param writeTimeout for the peer to take a reply, and for a TLS handshake
     * @param drainTimeout at close, for messages that are being answered
     */
    public record Limits(
            int frameBytesMax,
            long bufferedBytesMax,
            int linksMax,
            Duration idleTimeout,
            Duration frameTimeout,
            Duration writeTimeout,
            Duration drainTimeout) {

        /** @throws IllegalArgumentException naming the key and its range */
        public Limits {
            range("bytes of the longest HL7 message", frameBytesMax, 1 << 10, 64 << 20);
            range("bytes of all half-received HL7 messages", bufferedBytesMax, frameBytesMax, 1L << 32);
            range("hl7.listen.max-links", linksMax, 1, LINKS_MAX);
            duration("idle timeout of an HL7 link", idleTimeout, Duration.ofDays(1));
            duration("timeout of an HL7 message", frameTimeout, Duration.ofHours(1));
            duration("timeout of an HL7 reply", writeTimeout, Duration.ofHours(1));
            duration("time for HL7 messages at close", drainTimeout, Duration.ofMinutes(5));
        }

        /** What a half-received message may take without a share of {@link #bufferedBytesMax}, bytes; 1 to 16 KiB. */
        public int roomBytes() {
            long each = bufferedBytesMax / linksMax;
            return Math.clamp(each, 1 << 10, 16 << 10);
        }

        /** 1 MiB, 32 MiB, 1000 links, 1 h idle, 30 s a message, 30 s a reply, 10 s drain. */
        public static Limits defaults() {
            return new Limits(
                    1 << 20,
                    32 << 20,
                    1_000,
                    Duration.ofHours(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10));
        }
    }

    /** A field in which a site keeps the accession number. */
    public enum AccessionField {
        /** IPC-1. */
        IPC_1,
        /** OBR-18, placer field 1. */
        OBR_18,
        /** ORC-3, or OBR-3 where ORC-3 is empty. */
        ORC_3,
        /** OBR-20, filler field 1. */
        OBR_20
    }

    /**
     * What is particular to the hospital.
     *
     * @param application our name in MSH-3
     * @param facility our place in MSH-4
     * @param headCtCodes procedure codes that mean a head CT without contrast, besides LOINC 30799-1
     * @param senders who may send; empty for anyone
     * @param defaultCharset of messages without MSH-18; bytes that do not decode in it are read as ISO 8859-1
     * @param assigningAuthority whose patient identifiers are ours (PID-3.4.1 or .2); null when the site has one only
     * @param zone of times without an offset
     * @param accessionFields where the accession number is, first is best; fields that disagree hold the order
     * @param orrReplies whether ORM^O01 is answered with ORR^O02 instead of a plain ACK
     */
    public record Site(
            String application,
            String facility,
            Set<String> headCtCodes,
            List<Sender> senders,
            Charset defaultCharset,
            @Nullable String assigningAuthority,
            ZoneId zone,
            Set<AccessionField> accessionFields,
            boolean orrReplies) {

        /** LOINC "CT Head WO contrast". */
        public static final String LOINC_HEAD_CT = "30799-1";

        /** @throws IllegalArgumentException naming the key and its range */
        public Site {
            text("hl7.application", application);
            text("hl7.facility", facility);
            headCtCodes = Set.copyOf(headCtCodes);
            senders = List.copyOf(senders);
            accessionFields = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(accessionFields));
            range("number of hl7.accession-fields", accessionFields.size(), 1, 4);
        }

        /** BLOODNET at HOSP, {@code CTHEADWO}, anyone, UTF-8, the machine's zone, accession in IPC-1, OBR-18 or ORC-3, plain ACK for ORM. */
        public static Site defaults() {
            return new Site(
                    "BLOODNET",
                    "HOSP",
                    Set.of("CTHEADWO"),
                    List.of(),
                    StandardCharsets.UTF_8,
                    null,
                    ZoneId.systemDefault(),
                    EnumSet.of(AccessionField.IPC_1, AccessionField.OBR_18, AccessionField.ORC_3),
                    false);
        }

        /** These, with other procedure codes. */
        public Site withHeadCtCodes(Set<String> codes) {
            return new Site(
                    application,
                    facility,
                    codes,
                    senders,
                    defaultCharset,
                    assigningAuthority,
                    zone,
                    accessionFields,
                    orrReplies);
        }

        /** These, with other senders. */
        public Site withSenders(List<Sender> others) {
            return new Site(
                    application,
                    facility,
                    headCtCodes,
                    others,
                    defaultCharset,
                    assigningAuthority,
                    zone,
                    accessionFields,
                    orrReplies);
        }
    }

    /**
     * Who may send.
     *
     * @param application MSH-3.1
     * @param facility MSH-4.1; null for any
     * @param certificate SHA-256 of its certificate (hex) or the certificate's subject (RFC 2253); null when links have no TLS
     */
    public record Sender(
            String application,
            @Nullable String facility,
            @Nullable String certificate) {
        /** @throws IllegalArgumentException naming the key */
        public Sender {
            text("an application in hl7.senders", application);
        }
    }

    /** How we want to be acknowledged (HL7 v2.5.1 2.9.2 and 2.9.3). */
    public enum AckMode {
        /** Original mode: one AA, AE or AR. */
        ORIGINAL,
        /** Enhanced: CA, CE or CR when the receiver has it safe; MSH-16 is NE. */
        COMMIT,
        /** Enhanced: CA first, then AA, AE or AR as a message of its own on the same link. */
        APPLICATION
    }

    /**
     * Where ORU^R01 goes.
     *
     * @param application the receiver's MSH-5
     * @param facility the receiver's MSH-6
     * @param ackTimeout for each acknowledgement
     * @param tls certificates of both sides (IHE ATNA); null for plain TCP
     * @param pdf whether the report goes along as PDF (OBX-2 ED), some 30 kB; receivers with short fields need it off
     */
    public record Results(
            String host,
            int port,
            String application,
            String facility,
            Duration connectTimeout,
            Duration ackTimeout,
            AckMode mode,
            @Nullable TlsFiles tls,
            boolean pdf) {

        /** @throws IllegalArgumentException naming the key and its range */
        public Results {
            text("hl7.results.host", host);
            range("hl7.results.port", port, 1, PORT_MAX);
            text("hl7.results.application", application);
            text("hl7.results.facility", facility);
            duration("timeout of a connection for HL7 results", connectTimeout, Duration.ofMinutes(5));
            duration("hl7.results.ack-timeout-seconds", ackTimeout, Duration.ofHours(1));
        }

        /** Plain TCP, original mode, 5 s to connect, 30 s for the acknowledgement, no PDF. */
        public static Results plain(String host, int port) {
            return new Results(
                    host,
                    port,
                    "EHR",
                    "HOSP",
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    AckMode.ORIGINAL,
                    null,
                    false);
        }
    }

    private static void text(String key, String value) {
        if (value.isBlank() || value.length() > 120) {
            throw new IllegalArgumentException(key + " must have 1 to 120 characters, has " + value.length());
        }
    }

    private static void range(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " must be " + min + " to " + max + ", is " + value);
        }
    }

    private static void duration(String key, Duration value, Duration max) {
        if (value.toMillis() < 1 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(key + " must be 1 ms to " + max + ", is " + value);
        }
    }
}
