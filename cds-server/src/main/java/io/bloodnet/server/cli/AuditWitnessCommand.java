package io.bloodnet.server.cli;

import io.bloodnet.audit.witness.Witness;
import io.bloodnet.audit.witness.WitnessServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bloodnet audit witness}: meant for another machine and another owner than the server's. */
@Command(
        name = "witness",
        description =
                "Runs a witness until SIGTERM: it remembers the newest checkpoint of each log and cosigns only what"
                        + " follows from it.",
        mixinStandardHelpOptions = true)
final class AuditWitnessCommand implements Callable<Integer> {

    @Option(names = "--name", required = true, description = "Under which it signs, such as witness.example.org/audit.")
    String name = "";

    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description = "Its own folder: the key witness-key.pem, made at the first start, and what it remembers.")
    Path state = Path.of("");

    @Option(
            names = "--log-keys",
            required = true,
            paramLabel = "FILE",
            description = "Public keys (PEM) of the logs that it watches; read at each request.")
    Path logKeys = Path.of("");

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Address (default ${DEFAULT-VALUE}).")
    String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "2580", description = "0 takes a free one (default ${DEFAULT-VALUE}).")
    int port = 2580;

    @Override
    public Integer call() throws Exception {
        Witness witness = Witness.open(name, state, logKeys, InstantSource.system());
        try (WitnessServer server = WitnessServer.start(witness, new InetSocketAddress(host, port))) {
            System.out.println("ready: http://" + host + ":" + server.port() + " , public key "
                    + state.resolve("witness-key.pem.pub"));
            Signals.await();
        }
        return 0;
    }
}
