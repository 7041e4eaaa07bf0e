package io.bloodnet.server.cli;

import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
import io.bloodnet.server.StartCheck;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bloodnet serve}. */
@Command(name = "serve", description = "Runs the server until SIGTERM.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML configuration; without it everything has its default.")
    @Nullable
    Path config;

    @Option(
            names = "--check",
            description =
                    "Only looks whether configuration, secrets, keys, model and database are in order, and touches nothing."
                            + " Exit code 0: they are, 2: what is not is said on stderr.")
    boolean check;

    @Option(names = "--stop-when-ready", description = "Stops as soon as it is ready.")
    boolean stopWhenReady;

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig keys = config == null ? ConfigFile.defaults() : ConfigFile.read(config);
        if (check) {
            StartCheck.Seen seen = StartCheck.of(keys, BloodNetCommand.shippedBundle());
            seen.fine().forEach(System.out::println);
            seen.problems().forEach(problem -> System.err.println("bloodnet: " + problem));
            return seen.problems().isEmpty() ? 0 : 2;
        }
        try (RunningServer server = Main.start(keys, BloodNetCommand.shippedBundle())) {
            System.out.println("ready: " + server.url() + "/ , MLLP port " + server.hl7Port());
            if (stopWhenReady) {
                return 0;
            }
            Signals.await();
            System.out.println("stopping");
        }
        return 0;
    }
}
