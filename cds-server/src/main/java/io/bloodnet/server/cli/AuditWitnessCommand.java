package io.bloodnet.server.cli;

import io.bloodnet.audit.witness.Witness;
import io.bloodnet.audit.witness.WitnessServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

    @Option(names = "--name", description = "Under which it signs, such as witness.example.org/audit.")
    @Nullable
    String name;

    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description = "Its own folder: the key witness-key.pem, made at the first start, and what it remembers.")
    Path state = Path.of("");

    @Option(
            names = "--log-keys",
            paramLabel = "FILE",
            description = "Public keys (PEM) of the logs that it watches; read at each request.")
    @Nullable
    Path logKeys;

    @Option(
            names = "--set-aside",
            paramLabel = "ORIGIN",
            description =
                    "Only lets that log begin anew after its database was restored from a copy, while the witness is"
                            + " stopped; what it remembered gets another name. Needs --by.")
    @Nullable
    String restored;

    @Option(names = "--by", description = "Who decided that; kept beside it.")
    @Nullable
    String by;

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Address (default ${DEFAULT-VALUE}).")
    String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "2580", description = "0 takes a free one (default ${DEFAULT-VALUE}).")
    int port = 2580;

    @Override
    public Integer call() throws Exception {
        if (restored != null) {
            return setAside(restored);
        }
        if (name == null || logKeys == null) {
            throw new IllegalArgumentException("a witness needs --name and --log-keys");
        }
        Witness witness = Witness.open(name, state, logKeys, InstantSource.system());
        try (WitnessServer server = WitnessServer.start(witness, new InetSocketAddress(host, port))) {
            System.out.println("ready: http://" + host + ":" + server.port() + " , public key "
                    + state.resolve("witness-key.pem.pub"));
            Signals.await();
        }
        return 0;
    }

    private int setAside(String origin) throws IOException {
        if (by == null) {
            throw new IllegalArgumentException("--set-aside needs --by NAME: who decided");
        }
        Optional<Path> aside = Witness.setAside(state, origin);
        if (aside.isEmpty()) {
            System.err.println("bloodnet: nothing is remembered of that log");
            return 2;
        }
        Path decision = aside.get().resolveSibling(aside.get().getFileName() + ".by");
        Files.writeString(decision, Instant.now() + " " + by + "\n");
        System.out.println("set aside: " + aside.get());
        return 0;
    }
}
