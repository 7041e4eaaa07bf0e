package io.bloodnet.hl7.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark runs and measures something; what it measures is no test. */
class MllpBenchTest {

    @Test
    void measures_all_candidates(@TempDir Path dir) throws IOException {
        try (Database database = Database.open("jdbc:h2:file:" + dir.resolve("bench"), "sa", null);
                Ledger ledger = Ledger.open(
                        database.dataSource(),
                        LedgerSettings.of("bench", dir.resolve("key.pem")),
                        InstantSource.system())) {
            OrderIntake inbox = OrderIntake.alone(database, ledger, InstantSource.system());
            List<MllpBench.Store> stores = List.of(
                    MllpBench.Store.h2(inbox, inbox.oneByOne()), MllpBench.Store.postgres(inbox, inbox.oneByOne()));
            String report = new MllpBench(stores, new MllpBench.Settings(2, 150, 1, dir)).run();
            assertThat(report)
                    .contains("H2: durable ACK", "PostgreSQL: durable ACK", "H2 / PostgreSQL", "bare echo")
                    .doesNotContain("NaN");
        }
    }
}
