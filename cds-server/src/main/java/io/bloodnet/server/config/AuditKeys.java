package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.anchor.FileAnchor;
import io.bloodnet.audit.atna.SyslogFeed;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.witness.HttpWitness;
import io.bloodnet.imaging.peer.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Section {@code audit}: the audit log's key, anchors and repository. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record AuditKeys(
        @JsonProperty("key-file") String keyFile,
        @JsonProperty("anchor-file") @Nullable String anchorFile,
        List<Witness> witnesses,
        @JsonProperty("require-append-only") Boolean requireAppendOnly,
        @Nullable Syslog syslog) {

    private static final Key.Text KEY_FILE =
            new Key.Text("audit.key-file", "./data/audit-key.pem", "signs checkpoints (Ed25519); made on first start");
    private static final Key.Switch APPEND_ONLY = new Key.Switch(
            "audit.require-append-only",
            false,
            "on PostgreSQL the server does not start as a user who could change the log, see [deploy.md](deploy.md)");
    private static final Key.Int SYSLOG_PORT = new Key.Int("audit.syslog.port", 6514, 0, 65_535, "", "its port");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            KEY_FILE,
            new Key.Other(
                    "audit.anchor-file",
                    "key file + `.checkpoint`",
                    "file",
                    "where the newest checkpoint is kept outside the database; put it on another disk or machine"),
            new Key.Other(
                    "audit.witnesses",
                    "none",
                    "list",
                    "who cosigns checkpoints: `name`, `url`, `public-key-file` (PEM); `./bloodnet audit witness` is one"),
            APPEND_ONLY,
            new Key.Other(
                    "audit.syslog.host",
                    "none",
                    "",
                    "an ATNA repository; every entry goes there, in order, at least once"),
            SYSLOG_PORT,
            new Key.Other(
                    "audit.syslog.tls",
                    "none",
                    "section `tls`",
                    "mutual TLS, required: a repository over plain TCP is not supported"));

    /** Fills what is absent; what uses the keys checks them. */
    public AuditKeys {
        keyFile = KEY_FILE.or(keyFile);
        witnesses = witnesses == null ? List.of() : List.copyOf(witnesses);
        requireAppendOnly = APPEND_ONLY.or(requireAppendOnly);
    }

    /** @param name under which it signs @param url its base @param publicKeyFile its public key, PEM */
    public record Witness(
            String name,
            String url,
            @JsonProperty("public-key-file") String publicKeyFile) {}

    /** An ATNA audit repository. */
    public record Syslog(String host, Integer port, TlsKeys tls) {
        /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
        public Syslog {
            port = SYSLOG_PORT.or(port);
        }
    }

    static AuditKeys usual() {
        return new AuditKeys(null, null, null, null, null);
    }

    /** How this server writes the log. Makes the key's folder; witnesses are closed with {@code closing}. */
    public LedgerSettings ledger(String node, Closing closing) {
        Path key = signingKey();
        try {
            Files.createDirectories(key.getParent());
        } catch (IOException e) {
            throw new ConfigException("the folder of audit.key-file cannot be made: " + key.getParent());
        }
        List<Anchor> anchors = new ArrayList<>();
        anchors.add(anchor());
        Map<String, PublicKeys> keys = cosigners();
        for (Witness witness : witnesses) {
            PublicKeys trusted = keys.get(witness.name());
            if (trusted != null) {
                anchors.add(closing.add(
                        "witness " + witness.name(),
                        new HttpWitness(witness.name(), Key.url("audit.witnesses.url", witness.url()), trusted)));
            }
        }
        return LedgerSettings.of(node, key).withAnchors(anchors).withRequireAppendOnly(requireAppendOnly);
    }

    /** For a person's command beside or instead of the server: the file is told, witnesses hear of it with the server's next checkpoint. */
    public LedgerSettings offline() {
        return LedgerSettings.of("command", signingKey()).withAnchors(List.of(anchor()));
    }

    /** Where the signing key is. */
    public Path signingKey() {
        return Path.of(keyFile).toAbsolutePath();
    }

    /** The checkpoint file outside the database. */
    public FileAnchor anchor() {
        Path key = signingKey();
        return new FileAnchor(
                anchorFile == null
                        ? key.resolveSibling(key.getFileName() + ".checkpoint")
                        : Path.of(anchorFile).toAbsolutePath());
    }

    /** The checkpoint that the file outside the database remembers; empty before the first. */
    public Optional<SignedNote> anchored() {
        return anchor().newest();
    }

    /** The audit repository; null when none is configured. @throws ConfigException when a key or trust store cannot be opened */
    public SyslogFeed.@Nullable Receiver repository() {
        if (syslog == null) {
            return null;
        }
        if (syslog.host() == null || syslog.tls() == null) {
            throw new ConfigException("audit.syslog needs host and tls");
        }
        TlsFiles files = TlsKeys.mutual("audit.syslog.tls", syslog.tls());
        return new SyslogFeed.Receiver(syslog.host(), syslog.port(), TlsKeys.context("audit.syslog.tls", files));
    }

    /** The public keys of the configured witnesses by their names. @throws ConfigException when one cannot be read */
    public Map<String, PublicKeys> cosigners() {
        Map<String, PublicKeys> keys = new LinkedHashMap<>();
        for (Witness witness : witnesses) {
            if (witness.name() == null || witness.url() == null || witness.publicKeyFile() == null) {
                throw new ConfigException("audit.witnesses: each needs name, url and public-key-file");
            }
            try {
                keys.put(witness.name(), PublicKeys.parsePem(Files.readString(Path.of(witness.publicKeyFile()))));
            } catch (IOException | MalformedNoteException e) {
                throw new ConfigException("audit.witnesses.public-key-file holds no public key that can be read: "
                        + witness.publicKeyFile());
            }
        }
        return keys;
    }
}
