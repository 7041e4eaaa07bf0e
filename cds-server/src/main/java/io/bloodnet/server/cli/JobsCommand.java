package io.bloodnet.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.worklist.WorklistQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bloodnet jobs}. */
@Command(
        name = "jobs",
        description = "Shows jobs, and tries those again, or dismisses them, that need a person.",
        mixinStandardHelpOptions = true,
        subcommands = {JobsCommand.ListJobs.class, JobsCommand.RetryJob.class, JobsCommand.DismissJob.class})
final class JobsCommand {

    /** Which server. */
    static final class Which {
        @Option(names = "--config", paramLabel = "FILE", description = "The server's YAML configuration.")
        @Nullable
        Path config;

        ServerConfig read() {
            return config == null ? ConfigFile.defaults() : ConfigFile.read(config);
        }
    }

    @Command(
            name = "list",
            description = "Lists jobs, from the running server or else from its database.",
            mixinStandardHelpOptions = true)
    static final class ListJobs implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Option(names = "--state", description = "Only jobs in this state.")
        @Nullable
        String state;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Logs.quiet();
            ServerConfig config = which.read();
            Optional<LocalServer.Answer> live = new LocalServer(config).ask("GET", "/api/worklist");
            print(live.isPresent() ? live.get().body() : stored(config));
            return 0;
        }

        private static JsonNode stored(ServerConfig config) {
            try (Database database = config.database().openForReading()) {
                return new WorklistQuery(database).read();
            }
        }

        private void print(JsonNode list) {
            System.out.printf("%-36s  %-18s  %-8s  %-16s  %s%n", "job", "state", "priority", "accession", "reason");
            for (JsonNode item : list.path("items")) {
                if (state == null || state.equalsIgnoreCase(item.path("state").asText())) {
                    System.out.printf(
                            "%-36s  %-18s  %-8s  %-16s  %s%n",
                            item.path("jobId").asText(),
                            item.path("state").asText(),
                            item.path("priority").asText(),
                            item.path("accessionNumber").asText(""),
                            item.path("reason").asText("").replace("null", ""));
                }
            }
            System.out.println("counts " + list.path("counts"));
        }
    }

    /** Which jobs, and who wants it. */
    static final class Chosen {
        @Mixin
        Which which = new Which();

        @Parameters(paramLabel = "JOB", arity = "0..100", description = "The jobs' ids.")
        List<String> jobs = List.of();

        @Option(names = "--state", paramLabel = "STATE", description = "All jobs in this state instead, at most 10000.")
        @Nullable
        JobState state;

        @Option(
                names = "--by",
                paramLabel = "NAME",
                description = "Who wants it, for the audit log. Default: the user of this system.")
        String by = System.getProperty("user.name", "");

        /** Exit status: 0 when all was done, 1 when something was not, 2 when it could not be asked. */
        int ask(String wish) throws IOException, InterruptedException {
            Logs.quiet();
            if (jobs.isEmpty() == (state == null)) {
                System.err.println("bloodnet: name either jobs or a --state");
                return 2;
            }
            if (!jobs.stream().allMatch(job -> job.matches("[0-9a-fA-F-]{1,36}"))) {
                System.err.println("bloodnet: that is not a job's id");
                return 2;
            }
            if (!by.matches("[\\x20-\\x7E]{1,64}")) {
                System.err.println("bloodnet: --by takes 1 to 64 printable ASCII characters");
                return 2;
            }
            LocalServer server = new LocalServer(which.read());
            if (state != null) {
                return tell(server.ask("POST", "/api/jobs/" + wish + "?state=" + state, by));
            }
            int worst = 0;
            for (String job : jobs) {
                worst = Math.max(worst, tell(server.ask("POST", "/api/jobs/" + job + "/" + wish, by)));
            }
            return worst;
        }

        private static int tell(Optional<LocalServer.Answer> answer) {
            if (answer.isEmpty()) {
                System.err.println("bloodnet: the server does not run; start it first");
                return 2;
            }
            JsonNode body = answer.get().body();
            if (answer.get().status() != 200) {
                System.err.println("bloodnet: " + body.path("error").asText());
                return 1;
            }
            System.out.println(
                    body.has("jobs")
                            ? body.path("jobs").asInt() + " jobs"
                            : "job is " + body.path("state").asText());
            return 0;
        }
    }

    @Command(
            name = "retry",
            description =
                    "Tries jobs again that FAILED, were NOT_ANALYZED or are ON_HOLD, with fresh budgets. The server must be running.",
            mixinStandardHelpOptions = true)
    static final class RetryJob implements Callable<Integer> {
        @Mixin
        Chosen chosen = new Chosen();

        @Override
        public Integer call() throws IOException, InterruptedException {
            return chosen.ask("retry");
        }
    }

    @Command(
            name = "dismiss",
            description =
                    "Has done with jobs that FAILED or are ON_HOLD: they end CANCELLED. Never one with a suspected bleed."
                            + " The server must be running.",
            mixinStandardHelpOptions = true)
    static final class DismissJob implements Callable<Integer> {
        @Mixin
        Chosen chosen = new Chosen();

        @Override
        public Integer call() throws IOException, InterruptedException {
            return chosen.ask("dismiss");
        }
    }
}
