package io.bloodnet.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.server.ConfigFile;
import io.bloodnet.server.ServerConfig;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.worklist.WorklistQuery;
import java.io.IOException;
import java.nio.file.Path;
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
        description = "Shows jobs, and tries those again that need a person.",
        mixinStandardHelpOptions = true,
        subcommands = {JobsCommand.ListJobs.class, JobsCommand.RetryJob.class})
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
            ServerConfig.DatabaseKeys keys = config.database();
            try (Database database =
                    Database.openForReading(keys.url(), keys.user(), ServerConfig.secret(keys.passwordFile()))) {
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

    @Command(
            name = "retry",
            description = "Tries a job again that FAILED, was NOT_ANALYZED or is ON_HOLD. The server must be running.",
            mixinStandardHelpOptions = true)
    static final class RetryJob implements Callable<Integer> {
        @Mixin
        Which which = new Which();

        @Parameters(paramLabel = "JOB", description = "The job's id.")
        String job = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            Logs.quiet();
            if (!job.matches("[0-9a-fA-F-]{1,36}")) {
                System.err.println("bloodnet: that is not a job's id");
                return 2;
            }
            Optional<LocalServer.Answer> answer =
                    new LocalServer(which.read()).ask("POST", "/api/jobs/" + job + "/retry");
            if (answer.isEmpty()) {
                System.err.println("bloodnet: the server does not run; start it, then retry");
                return 2;
            }
            boolean done = answer.get().status() == 200;
            (done ? System.out : System.err)
                    .println(
                            done
                                    ? "job is "
                                            + answer.get().body().path("state").asText()
                                    : "bloodnet: "
                                            + answer.get().body().path("error").asText());
            return done ? 0 : 1;
        }
    }
}
