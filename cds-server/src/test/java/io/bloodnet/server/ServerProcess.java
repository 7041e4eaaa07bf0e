package io.bloodnet.server;

import io.bloodnet.server.job.FaultPoint;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The server in a process of its own, so that it can be killed. */
final class ServerProcess {

    private ServerProcess() {}

    /**
     * Starts {@code serve}.
     *
     * @param haltAt the fault point at which it dies
     * @param log gets its output, after what is there
     */
    static Process start(Path config, Optional<String> haltAt, Path log) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                // It lives for seconds: compiling it well would cost more than it saves.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dbloodnet.home=" + System.getProperty("bloodnet.root")));
        haltAt.ifPresent(point -> command.add("-D" + FaultPoint.PROPERTY + "=" + point));
        command.addAll(List.of("io.bloodnet.server.cli.BloodNetCommand", "serve", "--config", config.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // Not on the command line: ONNX Runtime's native library crashes on a very long one.
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
