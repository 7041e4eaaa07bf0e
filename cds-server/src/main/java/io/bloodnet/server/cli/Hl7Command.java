package io.bloodnet.server.cli;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.view.HumanView;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bloodnet hl7}. What it prints names the patient: it is for the person who asked. */
@Command(
        name = "hl7",
        description = "Sends an HL7 v2 message, or shows how it is understood.",
        mixinStandardHelpOptions = true,
        subcommands = {Hl7Command.Send.class, Hl7Command.Show.class})
final class Hl7Command {

    private static final long FILE_BYTES_MAX = 1 << 20;

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException("the file has more than " + FILE_BYTES_MAX + " bytes");
        }
        return Files.readAllBytes(file);
    }

    @Command(
            name = "send",
            description = "Sends one message over MLLP and prints its acknowledgement. Exit code 0: accepted, 1: not.",
            mixinStandardHelpOptions = true)
    static final class Send implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "ER7, segments ended by CR or LF, with or without its frame.")
        Path file = Path.of("");

        @Option(names = "--host", defaultValue = "127.0.0.1", description = "Receiver (default ${DEFAULT-VALUE}).")
        String host = "127.0.0.1";

        @Option(names = "--port", defaultValue = "2575", description = "Its MLLP port (default ${DEFAULT-VALUE}).")
        int port = 2575;

        @Override
        public Integer call() throws IOException {
            Logs.quiet();
            String said =
                    new HumanView(Hl7Config.Site.defaults()).send(read(file), Hl7Config.Results.plain(host, port));
            System.out.print(said);
            return said.startsWith("AA") || said.startsWith("CA") ? 0 : 1;
        }
    }

    @Command(
            name = "show",
            description = "Shows what a message says, whether we would take it and why, and what we would answer.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "The server's configuration, whose site decides; without it the defaults.")
        @Nullable
        Path config;

        @Parameters(paramLabel = "FILE", description = "ER7, segments ended by CR or LF, with or without its frame.")
        Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            Logs.quiet();
            ServerConfig keys = config == null ? ConfigFile.defaults() : ConfigFile.read(config);
            System.out.print(new HumanView(keys.hl7Site()).show(read(file), Instant.now()));
            return 0;
        }
    }
}
