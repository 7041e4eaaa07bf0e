package io.bloodnet.server.cli;

import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.AuditEntry;
import io.bloodnet.audit.store.AuditQuery;
import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.audit.verify.AuditExport;
import io.bloodnet.audit.verify.AuditProof;
import io.bloodnet.audit.verify.AuditProofs;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bloodnet audit}. Works on a stopped server's H2 file, and on PostgreSQL at any time. */
@Command(
        name = "audit",
        description = "Verifies, exports, proves, searches and keeps the audit log.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AuditCommand.Verify.class,
            AuditCommand.Export.class,
            AuditCommand.Prove.class,
            AuditCommand.JobRecord.class,
            AuditCommand.Search.class,
            AuditWitnessCommand.class,
            AuditKeepCommands.AcceptRestored.class,
            AuditKeepCommands.Close.class,
            AuditKeepCommands.GrantRole.class,
            AuditKeepCommands.RotateKey.class
        })
final class AuditCommand {

    /** Which log. */
    static final class Which {
        @Option(names = "--config", paramLabel = "FILE", description = "The server's YAML configuration.")
        @Nullable
        Path config;

        ServerConfig read() {
            Logs.quiet();
            return config == null ? ConfigFile.defaults() : ConfigFile.read(config);
        }

        Database open(ServerConfig keys) {
            return keys.database().openForReading();
        }
    }

    @Command(
            name = "verify",
            description = "Recomputes everything. Exit code 0: all holds, 1: something was changed, 2: cannot read.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Option(names = "--export", paramLabel = "FILE", description = "Verify an export instead of the database.")
        @Nullable
        Path export;

        @Option(
                names = "--public-key",
                paramLabel = "FILE",
                description = "The log's public keys (PEM), from a source that you trust. Needed with --export.")
        @Nullable
        Path publicKey;

        @Option(
                names = "--anchor",
                paramLabel = "FILE",
                description = "A checkpoint that was kept elsewhere, such as a witness's copy; may be repeated.")
        List<Path> anchors = List.of();

        @Option(
                names = "--witness",
                paramLabel = "NAME=FILE",
                description = "A witness that must have cosigned, and its public key (PEM); may be repeated."
                        + " Those of the configuration must have, in any case.")
        Map<String, Path> witnesses = Map.of();

        @Override
        public Integer call() throws IOException {
            Verification verification = export == null ? database() : export(export);
            verification.lines().forEach(System.out::println);
            return switch (verification) {
                case Verification.Verified v -> 0;
                case Verification.Changed c -> 1;
                case Verification.Unreadable u -> 2;
            };
        }

        private Verification database() throws IOException {
            ServerConfig config = which.read();
            List<SignedNote> remembered =
                    new ArrayList<>(config.audit().anchored().stream().toList());
            for (Path anchor : anchors) {
                remembered.add(SignedNote.parse(Files.readString(anchor)));
            }
            Map<String, PublicKeys> cosigners =
                    new LinkedHashMap<>(config.audit().cosigners());
            cosigners.putAll(named());
            try (Database database = which.open(config)) {
                return AuditVerifier.database(
                        database.dataSource(), keys(config.audit().signingKey()), remembered, cosigners);
            }
        }

        private Map<String, PublicKeys> named() throws IOException {
            Map<String, PublicKeys> keys = new LinkedHashMap<>();
            for (Map.Entry<String, Path> witness : witnesses.entrySet()) {
                keys.put(witness.getKey(), PublicKeys.parsePem(Files.readString(witness.getValue())));
            }
            return keys;
        }

        private PublicKeys keys(Path keyPath) throws IOException {
            if (publicKey != null) {
                return PublicKeys.parsePem(Files.readString(publicKey));
            }
            return new KeyFile(keyPath)
                    .publicKeys()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "the log's public keys are not beside audit.key-file: name them by --public-key"));
        }

        private Verification export(Path file) throws IOException {
            if (publicKey == null) {
                throw new IllegalArgumentException(
                        "--export needs --public-key: a key that an export brings along proves nothing");
            }
            return AuditVerifier.export(file, PublicKeys.parsePem(Files.readString(publicKey)), named());
        }
    }

    @Command(
            name = "export",
            description = "Writes all entries as NDJSON and the signed checkpoint beside it.",
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FILE",
                description = "Where to; the checkpoint goes to FILE.checkpoint.")
        Path out = Path.of("");

        @Override
        public Integer call() {
            ServerConfig config = which.read();
            try (Database database = which.open(config)) {
                AuditExport.Summary summary = AuditExport.write(database.dataSource(), out);
                System.out.println("entries " + summary.entries() + " root "
                        + summary.root().hex() + " written");
            }
            return 0;
        }
    }

    @Command(
            name = "prove",
            description = "Prints a proof that an entry is in the log.",
            mixinStandardHelpOptions = true)
    static final class Prove implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Parameters(paramLabel = "SEQ", description = "The entry's number.")
        long seq;

        @Override
        public Integer call() {
            ServerConfig config = which.read();
            try (Database database = which.open(config)) {
                return print(
                        new AuditProofs(database.dataSource()).entry(seq),
                        "there is no entry " + seq + " under a checkpoint");
            }
        }
    }

    @Command(
            name = "record",
            description =
                    "Prints the whole life of one job with its proofs, as one file that the separate verifier accepts.",
            mixinStandardHelpOptions = true)
    static final class JobRecord implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Parameters(paramLabel = "JOB", description = "The job's id.")
        String job = "";

        @Override
        public Integer call() {
            ServerConfig config = which.read();
            try (Database database = which.open(config)) {
                return print(
                        new AuditProofs(database.dataSource()).job(job),
                        "the log has no entry of that job under a checkpoint");
            }
        }
    }

    private static int print(Optional<AuditProof> proof, String nothing) {
        if (proof.isEmpty()) {
            System.err.println("bloodnet: " + nothing);
            return 2;
        }
        System.out.println(proof.get().toJson());
        return 0;
    }

    @Command(name = "search", description = "Finds entries, newest first.", mixinStandardHelpOptions = true)
    static final class Search implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Option(names = "--patient", description = "Patient identifier.")
        @Nullable
        String patient;

        @Option(names = "--study", description = "Study Instance UID.")
        @Nullable
        String study;

        @Option(names = "--user", description = "Who did it.")
        @Nullable
        String user;

        @Option(names = "--job", description = "Job id.")
        @Nullable
        String job;

        @Option(names = "--type", description = "Kind of event, such as StudyAnalyzed.")
        @Nullable
        String type;

        @Option(names = "--outcome", description = "SUCCESS, MINOR_FAILURE, SERIOUS_FAILURE or MAJOR_FAILURE.")
        io.bloodnet.audit.@Nullable Outcome outcome;

        @Option(names = "--from", description = "ISO instant, such as 2026-03-01T00:00:00Z.")
        @Nullable
        Instant from;

        @Option(names = "--to", description = "ISO instant, exclusive.")
        @Nullable
        Instant to;

        @Option(names = "--limit", defaultValue = "100", description = "1 to 10000 entries (default ${DEFAULT-VALUE}).")
        int limit = 100;

        @Option(names = "--csv", description = "CSV instead of one JSON object per line.")
        boolean csv;

        @Override
        public Integer call() throws IOException {
            ServerConfig config = which.read();
            AuditQuery query = AuditQuery.newest(limit)
                    .withPatientId(patient)
                    .withStudyUid(study)
                    .withUser(user)
                    .withJobId(job)
                    .withType(type)
                    .withOutcome(outcome)
                    .withTime(from, to);
            try (Database database = which.open(config)) {
                List<AuditEntry> found = new AuditSearch(database.dataSource()).find(query);
                StringBuilder out = new StringBuilder();
                if (csv) {
                    AuditSearch.writeCsv(found, out);
                } else {
                    AuditSearch.writeNdjson(found, out);
                }
                System.out.print(out);
            }
            return 0;
        }
    }
}
