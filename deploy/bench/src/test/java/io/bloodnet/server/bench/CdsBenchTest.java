package io.bloodnet.server.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.server.store.Database;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bench runs and every call in it is answered by a card; its figures are for people. */
class CdsBenchTest {

    @Test
    void answers_every_call_with_a_card(@TempDir Path folder) throws Exception {
        assumeTrue(Boolean.getBoolean("bloodnet.long"), "a minute of load: run with -Dbloodnet.long=true");
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("bench"), "sa", null);
                Ledger audit = Ledger.open(
                        database.dataSource(),
                        LedgerSettings.of("bench", folder.resolve("key.pem")),
                        InstantSource.system())) {
            CdsBench.run(database, audit, new PrintStream(text, true, StandardCharsets.UTF_8));
        }
        String printed = text.toString(StandardCharsets.UTF_8);
        System.out.println(printed);
        assertThat(printed).contains("idle: p50").doesNotContainPattern("wrong [1-9]");
    }
}
