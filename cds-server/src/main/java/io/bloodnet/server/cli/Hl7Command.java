package io.bloodnet.server.cli;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.mllp.MllpClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bloodnet hl7}. */
@Command(
        name = "hl7",
        description = "Sends an HL7 v2 message.",
        mixinStandardHelpOptions = true,
        subcommands = {Hl7Command.Send.class})
final class Hl7Command {

    private static final long FILE_BYTES_MAX = 1 << 20;

    /** The file's message with the segment ends of ER7. */
    static byte[] message(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException("the file has more than " + FILE_BYTES_MAX + " bytes");
        }
        String text = Files.readString(file, StandardCharsets.UTF_8)
                .replace("\r\n", "\r")
                .replace('\n', '\r');
        return (text.endsWith("\r") ? text : text + "\r").getBytes(StandardCharsets.UTF_8);
    }

    @Command(
            name = "send",
            description = "Sends one message over MLLP and prints what became of it. Exit code 0: accepted.",
            mixinStandardHelpOptions = true)
    static final class Send implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "ER7 in UTF-8, one segment per line.")
        Path file = Path.of("");

        @Option(names = "--host", defaultValue = "127.0.0.1", description = "Receiver (default ${DEFAULT-VALUE}).")
        String host = "127.0.0.1";

        @Option(names = "--port", defaultValue = "2575", description = "Its MLLP port (default ${DEFAULT-VALUE}).")
        int port = 2575;

        @Override
        public Integer call() throws IOException {
            Logs.quiet();
            byte[] message = message(file);
            String[] header = new String(message, StandardCharsets.UTF_8).split("\r", 2)[0].split("\\|", -1);
            if (header.length < 10 || !header[0].equals("MSH")) {
                System.err.println(
                        "bloodnet: the file does not begin with an MSH segment that has a control id (MSH-10)");
                return 2;
            }
            try (MllpClient client = new MllpClient(Hl7Config.Results.plain(host, port))) {
                MllpClient.Answer answer = client.send(message, header[9]);
                return switch (answer) {
                    case MllpClient.Answer.Acknowledged(String code, String errorCode, String text) -> {
                        System.out.println(text.replace('\r', '\n').stripTrailing());
                        yield code.endsWith("A") ? 0 : 1;
                    }
                    case MllpClient.Answer.Failed(MllpClient.Failure why) -> {
                        System.err.println("bloodnet: no acknowledgement: " + why);
                        yield 1;
                    }
                };
            }
        }
    }
}
