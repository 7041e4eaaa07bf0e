package io.bloodnet.hl7.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.FakeOrderInbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark runs and measures something; what it measures is no test. */
class MllpBenchTest {

    @Test
    void measures_all_candidates(@TempDir Path dir) throws IOException {
        FakeOrderInbox inbox = new FakeOrderInbox();
        List<MllpBench.Store> stores =
                List.of(MllpBench.Store.h2(inbox, inbox), MllpBench.Store.postgres(inbox, inbox));
        String report = new MllpBench(stores, new MllpBench.Settings(2, 150, 1, dir)).run();
        assertThat(report)
                .contains("H2: durable ACK", "PostgreSQL: durable ACK", "H2 / PostgreSQL", "bare echo")
                .doesNotContain("NaN");
    }
}
