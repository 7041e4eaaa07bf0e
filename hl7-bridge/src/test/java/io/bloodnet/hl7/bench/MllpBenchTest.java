package io.bloodnet.hl7.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.FakeOrderInbox;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark runs and measures something; what it measures is no test. */
class MllpBenchTest {

    @Test
    void measures_all_candidates(@TempDir Path dir) throws IOException {
        MllpBench.Result result = new MllpBench(new FakeOrderInbox(), new MllpBench.Settings(2, 150, 1, dir)).run();
        assertThat(result.ours()).isPositive();
        assertThat(result.hapi()).isPositive();
        assertThat(result.withoutStore()).isPositive();
        assertThat(result.echo()).isPositive();
        assertThat(result.syncs()).isPositive();
        assertThat(result.toString()).contains("durable ACK / HAPI SimpleServer");
    }
}
