package io.bloodnet.server;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.bloodnet.ModelBundleException;
import io.bloodnet.server.config.Closing;
import io.bloodnet.server.config.ConfigException;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.signin.SignInSettings;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at all that a start needs and touches nothing: makes no file, migrates nothing, listens nowhere, calls no peer. Beside a running
 * server it does no harm.
 */
public final class StartCheck {

    private final ServerConfig config;
    private final Path bundle;
    private final List<String> fine = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    private StartCheck(ServerConfig config, Path bundle) {
        this.config = config;
        this.bundle = bundle;
    }

    /**
     * What was seen.
     *
     * @param fine a line for each part that is in order
     * @param problems a line for each that would keep the server from starting, in words that say what to change
     */
    public record Seen(List<String> fine, List<String> problems) {
        public Seen {
            fine = List.copyOf(fine);
            problems = List.copyOf(problems);
        }
    }

    /** @param defaultBundle the model's folder when the configuration names none */
    public static Seen of(ServerConfig config, Path defaultBundle) {
        StartCheck check = new StartCheck(config, defaultBundle);
        check.part("configuration", check::edges);
        check.part("secrets", check::secrets);
        check.part("audit key", check::auditKey);
        check.part("model", check::model);
        check.part("database", check::database);
        return new Seen(check.fine, check.problems);
    }

    private interface Part {
        /** What is in order, in words. @throws RuntimeException that says what is not */
        String look();
    }

    private void part(String name, Part part) {
        try {
            fine.add(name + ": " + part.look());
        } catch (ConfigException | StoreException | ModelBundleException | IllegalArgumentException e) {
            problems.add(name + ": " + e.getMessage());
        } catch (RuntimeException e) {
            problems.add(name + ": cannot be used (" + e.getClass().getSimpleName() + ")");
        }
    }

    private String edges() {
        config.hl7Edge();
        config.fhirEdge();
        config.cdsHooksEdge();
        if (config.signIn() != null) {
            SignInSettings.of(config.signIn());
        }
        try (Closing opened = new Closing()) {
            config.pacs().edge(new NoLog(), InstantSource.system(), opened);
        }
        return "all keys are known and fit together";
    }

    private String secrets() {
        config.http().apiToken();
        config.audit().cosigners();
        config.audit().repository();
        return "files, key stores and public keys can be read";
    }

    private String auditKey() {
        Path file = config.audit().signingKey();
        if (new KeyFile(file).read().isEmpty()) {
            requireFolder("audit.key-file", file);
            return "none yet, the first start makes " + file;
        }
        config.audit().anchored();
        return file + " can be read";
    }

    private String model() {
        ModelBundle loaded = config.model().load(config.model().folder(bundle));
        return loaded.model().id() + " " + loaded.model().version() + ", files are those that its manifest names";
    }

    private String database() {
        Path file = Database.h2File(config.database().url()).orElse(null);
        if (file != null && !Files.exists(file)) {
            requireFolder("database.url", file);
            return "none yet, the first start makes " + file;
        }
        try (Database database = config.database().openToLook();
                Connection connection = database.dataSource().getConnection()) {
            return connection.getMetaData().getDatabaseProductName() + " answers";
        } catch (StoreException e) {
            if (file != null && Database.isOpenElsewhere(e)) {
                return "a server has it open already";
            }
            throw e;
        } catch (java.sql.SQLException e) {
            throw new StoreException("it does not answer", e);
        }
    }

    /** The first folder above that is there must let us write. */
    private static void requireFolder(String key, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new ConfigException(key + ": nothing can be written in " + folder);
        }
    }

    /** Nothing is asked for, so there is nothing to write. */
    private static final class NoLog implements AuditLog {
        @Override
        public void append(Connection transaction, AuditEvent event) {
            throw new UnsupportedOperationException("a check does nothing");
        }

        @Override
        public void record(AuditEvent event) {
            throw new UnsupportedOperationException("a check does nothing");
        }
    }
}
