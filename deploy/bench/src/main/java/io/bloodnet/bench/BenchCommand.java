package io.bloodnet.bench;

import io.bloodnet.audit.bench.AuditBench;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.hl7.bench.MllpBench;
import io.bloodnet.imaging.bench.FetchBench;
import io.bloodnet.imaging.bench.HeapBench;
import io.bloodnet.imaging.bench.InferenceBench;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.server.bench.CdsBench;
import io.bloodnet.server.bench.FlagBench;
import io.bloodnet.server.bench.StartBench;
import io.bloodnet.server.bench.WayBench;
import io.bloodnet.server.cli.BloodNetCommand;
import io.bloodnet.server.cli.Logs;
import io.bloodnet.server.config.DatabaseKeys;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bloodnet bench}: each prints figures as ratios beside a limit or a peer that ran in the same process and minute. */
@Command(
        name = "bloodnet bench",
        description = "Measures, as ratios beside a limit or a peer in the same run. Use a quiet machine.",
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchCommand.Inference.class,
            BenchCommand.Fetch.class,
            BenchCommand.Heap.class,
            BenchCommand.Way.class,
            BenchCommand.Flag.class,
            BenchCommand.Start.class,
            BenchCommand.Cds.class,
            BenchCommand.Mllp.class,
            BenchCommand.AuditLog.class
        })
public final class BenchCommand implements Runnable {

    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs one bench and ends the process with its code. */
    public static void main(String[] args) {
        System.exit(BloodNetCommand.run(new BenchCommand(), args));
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** Option of the benches that load the network. */
    static final class Model {
        @Option(names = "--model", paramLabel = "DIR", description = "Model bundle; the shipped one by default.")
        @Nullable
        Path folder;

        Path folder() {
            Logs.quiet();
            return folder == null ? BloodNetCommand.shippedBundle() : folder;
        }

        ModelBundle bundle() {
            return ModelBundle.load(folder());
        }
    }

    @Command(
            name = "inference",
            description =
                    "36 slices, the engine's own convolution ceiling, and the whole way beside the network's compute.",
            mixinStandardHelpOptions = true)
    static final class Inference implements Callable<Integer> {
        @Mixin
        Model model = new Model();

        @Override
        public Integer call() throws Exception {
            InferenceBench.run(model.bundle(), BloodNet.Settings.defaults(ExecutionProvider.CPU), System.out);
            return 0;
        }
    }

    @Command(
            name = "fetch",
            description = "A series fetched and decoded, beside the same bytes from a static file server.",
            mixinStandardHelpOptions = true)
    static final class Fetch implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            Logs.quiet();
            FetchBench.run(System.out);
            return 0;
        }
    }

    @Command(
            name = "heap",
            description = "Peak heap for a study, beside the study's bytes.",
            mixinStandardHelpOptions = true)
    static final class Heap implements Callable<Integer> {
        @Mixin
        Model model = new Model();

        @Override
        public Integer call() throws Exception {
            try (BloodNet net = BloodNet.open(model.bundle(), BloodNet.Settings.defaults(ExecutionProvider.CPU))) {
                HeapBench.run(net, System.out);
            }
            return 0;
        }
    }

    @Command(
            name = "way",
            description = "Orders through the whole server beside a pretend hospital, without the network's time.",
            mixinStandardHelpOptions = true)
    static final class Way implements Callable<Integer> {
        @Mixin
        Model model = new Model();

        @Override
        public Integer call() throws Exception {
            WayBench.run(model.folder(), BenchCommand.folder(), System.out);
            return 0;
        }
    }

    @Command(
            name = "flag",
            description =
                    "Time to flag: a pretend scanner stores studies with a bleed, and the flag is waited for on the"
                            + " worklist, at the EHR and at the HL7 receiver, with the network's own time beside it.",
            mixinStandardHelpOptions = true)
    static final class Flag implements Callable<Integer> {
        @Mixin
        Model model = new Model();

        @Option(
                names = "--studies",
                split = ",",
                defaultValue = "1,8,32",
                description = "Studies at once, one measurement each (default ${DEFAULT-VALUE}).")
        List<Integer> studies = List.of();

        @Option(
                names = "--rounds",
                defaultValue = "8",
                description = "Studies in each measurement, at least (default ${DEFAULT-VALUE}).")
        int rounds;

        @Option(
                names = "--rate",
                defaultValue = "8",
                description =
                        "Slices that a scanner stores in a second; 0 is as fast as it can (default ${DEFAULT-VALUE}).")
        double rate;

        @Option(
                names = "--order",
                defaultValue = "feet",
                description = "First slice: feet, head or any, which mixes them (default ${DEFAULT-VALUE}).")
        String order = "feet";

        @Option(
                names = "--series",
                defaultValue = "1",
                description = "Axial series of each study beside its localizer (default ${DEFAULT-VALUE}).")
        int series;

        @Option(names = "--slow", split = ",", description = "Peers that are slow in turn: ${COMPLETION-CANDIDATES}.")
        Set<FlagBench.Slow> slow = EnumSet.noneOf(FlagBench.Slow.class);

        @Option(
                names = "--slow-ms",
                defaultValue = "300",
                description = "How long a slow peer takes for each request, ms (default ${DEFAULT-VALUE}).")
        int slowMs;

        @Option(
                names = "--pacs",
                paramLabel = "URL",
                description = "DICOMweb address of an archive to use, such as Orthanc's.")
        @Nullable
        String pacs;

        @Option(names = "--trace", description = "Prints the steps of one order.")
        boolean trace;

        @Override
        public Integer call() throws Exception {
            FlagBench.Plan plan = new FlagBench.Plan(
                    studies, rounds, rate, order, series, slow, Duration.ofMillis(slowMs), pacs, trace);
            FlagBench.run(model.folder(), BenchCommand.folder(), plan, System.out);
            return 0;
        }
    }

    @Command(
            name = "start",
            description = "From the command to readiness, with an empty database and with 100,000 unfinished jobs.",
            mixinStandardHelpOptions = true)
    static final class Start implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            Logs.quiet();
            StartBench.run(BloodNetCommand.home(), folder(), System.out);
            return 0;
        }
    }

    /** A database of its own: H2 in a new folder, or a PostgreSQL that a person names and that may be filled. */
    static final class Store {
        @Option(
                names = "--database-url",
                description = "An empty PostgreSQL to measure instead of a new H2 file; it is filled.")
        @Nullable
        String url;

        @Option(
                names = "--database-user",
                defaultValue = "postgres",
                description = "Its user (default ${DEFAULT-VALUE}).")
        String user = "postgres";

        @Option(names = "--database-password-file", paramLabel = "FILE", description = "Its password.")
        @Nullable
        String passwordFile;

        Database open(Path folder) {
            Logs.quiet();
            return url == null ? h2(folder) : new DatabaseKeys(url, user, passwordFile).open();
        }

        static Database h2(Path folder) {
            Logs.quiet();
            return Database.open("jdbc:h2:file:" + folder.resolve("bench"), "sa", null);
        }
    }

    private static Path folder() throws IOException {
        return Files.createTempDirectory("bloodnet-bench-");
    }

    private static Ledger ledger(Database database, Path folder) {
        return Ledger.open(
                database.dataSource(), LedgerSettings.of("bench", folder.resolve("key.pem")), InstantSource.system());
    }

    @Command(
            name = "cds",
            description = "CDS Hooks calls with token and audit, beside a bare Node server.",
            mixinStandardHelpOptions = true)
    static final class Cds implements Callable<Integer> {
        @Mixin
        Store store = new Store();

        @Override
        public Integer call() throws Exception {
            Path folder = folder();
            try (Database database = store.open(folder);
                    Ledger ledger = ledger(database, folder)) {
                CdsBench.run(database, ledger, System.out);
            }
            return 0;
        }
    }

    @Command(
            name = "mllp",
            description = "Orders acknowledged after a durable commit, on H2 and on the PostgreSQL that is named,"
                    + " beside HAPI's server, the disk and a bare echo.",
            mixinStandardHelpOptions = true)
    static final class Mllp implements Callable<Integer> {
        @Mixin
        Store store = new Store();

        @Override
        public Integer call() throws Exception {
            Path folder = folder();
            try (Database h2 = Store.h2(folder);
                    Ledger h2Ledger = ledger(h2, folder)) {
                OrderIntake onH2 = OrderIntake.alone(h2, h2Ledger, InstantSource.system());
                MllpBench.Store first = MllpBench.Store.h2(onH2, onH2.oneByOne());
                System.out.print(store.url == null ? run(List.of(first), folder) : withPostgres(first, folder));
            }
            return 0;
        }

        private String withPostgres(MllpBench.Store first, Path folder) throws IOException {
            try (Database postgres = store.open(folder);
                    Ledger ledger = ledger(postgres, folder.resolve("postgres"))) {
                OrderIntake inbox = OrderIntake.alone(postgres, ledger, InstantSource.system());
                return run(List.of(first, MllpBench.Store.postgres(inbox, inbox.oneByOne())), folder);
            }
        }

        private static String run(List<MllpBench.Store> stores, Path folder) throws IOException {
            return new MllpBench(stores, MllpBench.Settings.defaults(folder)).run();
        }
    }

    @Command(
            name = "audit",
            description = "Appending and verifying, beside one commit per event and a bare file.",
            mixinStandardHelpOptions = true)
    static final class AuditLog implements Callable<Integer> {
        @Mixin
        Store store = new Store();

        @Override
        public Integer call() throws Exception {
            Path folder = folder();
            try (Database database = store.open(folder)) {
                new AuditBench(database.dataSource(), folder, Duration.ofSeconds(5), System.out::println).run();
            }
            return 0;
        }
    }
}
