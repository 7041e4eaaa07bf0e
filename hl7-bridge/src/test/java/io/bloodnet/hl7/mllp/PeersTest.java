package io.bloodnet.hl7.mllp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.orderin.OrderReceiver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Senders of other hands. Needs node and a folder, named by {@code -Dbloodnet.peers=DIR}, in which
 * {@code npm install node-hl7-client@4.0.0 @medplum/hl7@5.0.10} was run.
 */
class PeersTest {

    private static final int MESSAGES = 40;

    private final FakeOrderInbox inbox = new FakeOrderInbox();
    private final MllpListener listener = new MllpListener(
            Hl7Config.Listen.plain("127.0.0.1", 0),
            new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.system()),
            new RecordingAuditLog(),
            InstantSource.system());

    @BeforeEach
    void start() {
        String dir = System.getProperty("bloodnet.peers");
        assumeTrue(dir != null, "-Dbloodnet.peers=DIR names no folder with the npm packages");
        assumeTrue(Files.isDirectory(Path.of(dir, "node_modules", "@medplum", "hl7")), "@medplum/hl7 is not in " + dir);
        listener.start();
    }

    @AfterEach
    void stop() {
        listener.close();
    }

    private List<String> run(String script, String... arguments) throws IOException, InterruptedException {
        Path dir = Path.of(System.getProperty("bloodnet.peers"));
        Path file = dir.resolve(script);
        try (InputStream in = Objects.requireNonNull(PeersTest.class.getResourceAsStream("/peers/" + script))) {
            Files.write(file, in.readAllBytes());
        }
        ProcessBuilder node = new ProcessBuilder("node", file.toString(), "" + listener.port(), "" + MESSAGES);
        node.command().addAll(List.of(arguments));
        Process process = node.directory(dir.toFile()).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said.lines().toList();
    }

    private static List<String> expected(String code) {
        return IntStream.range(0, MESSAGES).mapToObj(i -> code + " M" + i).toList();
    }

    @Test
    void node_hl7_client_sends_one_after_the_other() throws Exception {
        assertThat(run("node-hl7-client.cjs")).isEqualTo(expected("AA"));
        assertThat(inbox.received()).hasSize(MESSAGES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"original", "enhanced"})
    void medplum_sends_many_at_once(String mode) throws Exception {
        assertThat(run("medplum.mjs", mode)).isEqualTo(expected("AA"));
        assertThat(inbox.received()).hasSize(MESSAGES);
    }
}
