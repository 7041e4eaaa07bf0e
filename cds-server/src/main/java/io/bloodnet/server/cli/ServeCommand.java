package io.bloodnet.server.cli;

import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
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
            description = "Stops as soon as it is ready: shows that the configuration, database, key and model work.")
    boolean check;

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig keys = config == null ? ConfigFile.defaults() : ConfigFile.read(config);
        try (RunningServer server = Main.start(keys, BloodNetCommand.shippedBundle())) {
            System.out.println("ready: " + server.url() + "/ , MLLP port " + server.hl7Port());
            if (check) {
                System.out.println("the check is done");
                return 0;
            }
            Signals.await();
            System.out.println("stopping");
        }
        return 0;
    }
}
