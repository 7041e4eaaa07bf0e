package io.bloodnet.server.cli;

import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.store.AcceptRestore;
import io.bloodnet.audit.store.AppendOnly;
import io.bloodnet.audit.store.AuditRetention;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the log's owner does now and then. The configuration names the tables' owner as the database user, not the server's role. */
final class AuditKeepCommands {

    private AuditKeepCommands() {}

    @Command(
            name = "close",
            description =
                    "Moves entries before a time to an archive file; proofs and verification of the rest go on holding."
                            + " On H2 stop the server first.",
            mixinStandardHelpOptions = true)
    static final class Close implements Callable<Integer> {
        @Mixin
        AuditCommand.Which which = new AuditCommand.Which();

        @Option(names = "--before", required = true, description = "ISO instant, such as 2026-03-01T00:00:00Z.")
        Instant before = Instant.EPOCH;

        @Option(
                names = "--archive",
                required = true,
                paramLabel = "FILE",
                description = "A file that is not there yet.")
        Path archive = Path.of("");

        @Option(names = "--by", required = true, description = "Who orders it, for the log.")
        String by = "";

        @Override
        public Integer call() {
            ServerConfig config = which.read();
            try (Database database = which.open(config);
                    Ledger ledger = ledger(config, database)) {
                Optional<AuditRetention.Closed> closed =
                        AuditRetention.close(database.dataSource(), ledger, before, archive, by);
                System.out.println(closed.map(part -> "entries " + part.first() + " to " + part.last()
                                + " moved, archive SHA-256 " + part.archiveSha256())
                        .orElse("nothing to move: parts end at every 256th entry"));
            }
            return 0;
        }
    }

    @Command(
            name = "rotate-key",
            description =
                    "Lets a new key sign from now on; the old private key is deleted. Give KEYFILE.pub to auditors and"
                            + " witnesses.",
            mixinStandardHelpOptions = true)
    static final class RotateKey implements Callable<Integer> {
        @Mixin
        AuditCommand.Which which = new AuditCommand.Which();

        @Option(names = "--by", required = true, description = "Who orders it, for the log.")
        String by = "";

        @Override
        public Integer call() {
            ServerConfig config = which.read();
            try (Database database = which.open(config);
                    Ledger ledger = ledger(config, database)) {
                ledger.rotateKey(by);
            }
            System.out.println("rotated, public keys in " + config.audit().signingKey() + ".pub");
            return 0;
        }
    }

    @Command(
            name = "accept-restore",
            description = "Goes on with a database that was restored from a copy and is older than the checkpoint file"
                    + " remembers. The log gets an entry that names who decided; the old checkpoint is set aside, not"
                    + " deleted. Stop all servers first.",
            mixinStandardHelpOptions = true)
    static final class AcceptRestored implements Callable<Integer> {
        @Mixin
        AuditCommand.Which which = new AuditCommand.Which();

        @Option(names = "--by", required = true, description = "Who decides, for the log.")
        String by = "";

        @Override
        public Integer call() {
            ServerConfig config = which.read();
            try (Database database = which.open(config)) {
                Optional<AcceptRestore.Accepted> accepted = AcceptRestore.accept(
                        database.dataSource(),
                        config.audit().offline(),
                        config.audit().anchor(),
                        by,
                        InstantSource.system());
                if (accepted.isEmpty()) {
                    System.out.println("nothing to accept: the log holds all that the checkpoint file remembers");
                    return 0;
                }
                AcceptRestore.Accepted restore = accepted.get();
                System.out.println("accepted: the log had " + restore.size() + " entries, " + restore.remembered()
                        + " were remembered; the old checkpoint is " + restore.aside());
                if (!config.audit().witnesses().isEmpty()) {
                    System.out.println("each witness must be told by its owner: stop it, run"
                            + " ./bloodnet audit witness --state DIR --set-aside " + origin(config)
                            + " --by NAME, start it");
                }
            }
            return 0;
        }

        private static String origin(ServerConfig config) {
            return config.audit()
                    .anchored()
                    .map(note -> Checkpoint.parse(note.text()).origin())
                    .orElseThrow();
        }
    }

    private static Ledger ledger(ServerConfig config, Database database) {
        return Ledger.open(database.dataSource(), config.audit().offline(), InstantSource.system());
    }

    @Command(
            name = "grant",
            description =
                    "As the tables' owner, migrates the database and gives a PostgreSQL role what the server needs:"
                            + " everything of orders and jobs, and of the log to add entries and read them, not to change"
                            + " any.",
            mixinStandardHelpOptions = true)
    static final class GrantRole implements Callable<Integer> {
        @Mixin
        AuditCommand.Which which = new AuditCommand.Which();

        @Parameters(paramLabel = "ROLE", description = "The server's role.")
        String role = "";

        @Override
        public Integer call() throws SQLException {
            // The server's role cannot migrate: its owner does, here.
            try (Database database = which.read().database().open();
                    Connection connection = database.dataSource().getConnection()) {
                grant(connection);
            }
            System.out.println(role + " may add entries and read them, and change none");
            return 0;
        }

        private void grant(Connection owner) throws SQLException {
            try (Statement statement = owner.createStatement()) {
                String quoted = statement.enquoteIdentifier(role, true);
                statement.execute("grant select, insert, update, delete on all tables in schema public to " + quoted);
                statement.execute("grant usage on all sequences in schema public to " + quoted);
                statement.execute("revoke insert, update, delete on flyway_schema_history from " + quoted);
            }
            // After the wider grant, since it takes from the role what that gave of the log.
            AppendOnly.grant(owner, role);
        }
    }
}
