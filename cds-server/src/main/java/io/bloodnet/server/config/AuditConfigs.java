package io.bloodnet.server.config;

import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.anchor.FileAnchor;
import io.bloodnet.audit.atna.SyslogFeed;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.witness.HttpWitness;
import io.bloodnet.server.config.ServerConfig.ConfigException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Translates the keys of section {@code audit} into what the log and its verification want. */
public final class AuditConfigs {

    private AuditConfigs() {}

    /** How this server writes the log. Makes the key's folder; witnesses are closed with {@code closing}. */
    public static LedgerSettings ledger(ServerConfig config, String node, Closing closing) {
        Path key = keyFile(config);
        try {
            Files.createDirectories(key.getParent());
        } catch (IOException e) {
            throw new ConfigException("the folder of audit.key-file cannot be made: " + key.getParent());
        }
        List<Anchor> anchors = new ArrayList<>();
        anchors.add(anchorFile(config));
        Map<String, PublicKeys> keys = witnesses(config);
        for (ServerConfig.WitnessKeys witness : config.audit().witnesses()) {
            PublicKeys trusted = keys.get(witness.name());
            if (trusted != null) {
                anchors.add(closing.add(
                        "witness " + witness.name(),
                        new HttpWitness(
                                witness.name(), EdgeConfigs.url("audit.witnesses.url", witness.url()), trusted)));
            }
        }
        return LedgerSettings.of(node, key)
                .withAnchors(anchors)
                .withRequireAppendOnly(config.audit().requireAppendOnly());
    }

    /** The audit repository; null when none is configured. @throws ConfigException when a key or trust store cannot be opened */
    public static SyslogFeed.@Nullable Receiver syslog(ServerConfig config) {
        ServerConfig.Syslog keys = config.audit().syslog();
        if (keys == null) {
            return null;
        }
        if (keys.host() == null || keys.tls() == null) {
            throw new ConfigException("audit.syslog needs host and tls");
        }
        try {
            return new SyslogFeed.Receiver(keys.host(), keys.port(), tls(keys.tls()));
        } catch (GeneralSecurityException | IOException e) {
            throw new ConfigException("audit.syslog.tls: a store cannot be opened (missing, or another password)");
        }
    }

    private static SSLContext tls(ServerConfig.Tls files) throws GeneralSecurityException, IOException {
        char[] password = password(files.keyStorePasswordFile());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(new File(files.keyStore()), password), password);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(KeyStore.getInstance(new File(files.trustStore()), password(files.trustStorePasswordFile())));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private static char[] password(String file) {
        String password = ServerConfig.secret(file);
        return password == null ? new char[0] : password.toCharArray();
    }

    /** For a person's command beside or instead of the server: the file is told, witnesses hear of it with the server's next checkpoint. */
    public static LedgerSettings offline(ServerConfig config) {
        return LedgerSettings.of("command", keyFile(config)).withAnchors(List.of(anchorFile(config)));
    }

    /** Where the signing key is. */
    public static Path keyFile(ServerConfig config) {
        return Path.of(config.audit().keyFile()).toAbsolutePath();
    }

    /** The checkpoint file outside the database. */
    public static FileAnchor anchorFile(ServerConfig config) {
        String file = config.audit().anchorFile();
        Path key = keyFile(config);
        return new FileAnchor(
                file == null
                        ? key.resolveSibling(key.getFileName() + ".checkpoint")
                        : Path.of(file).toAbsolutePath());
    }

    /** The checkpoint that the file outside the database remembers; empty before the first. */
    public static Optional<SignedNote> anchored(ServerConfig config) {
        return anchorFile(config).newest();
    }

    /** The public keys of the configured witnesses by their names. @throws ConfigException when one cannot be read */
    public static Map<String, PublicKeys> witnesses(ServerConfig config) {
        Map<String, PublicKeys> keys = new LinkedHashMap<>();
        for (ServerConfig.WitnessKeys witness : config.audit().witnesses()) {
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
