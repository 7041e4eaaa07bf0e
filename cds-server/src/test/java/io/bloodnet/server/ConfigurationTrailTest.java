package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.store.AuditEntry;
import io.bloodnet.audit.store.AuditQuery;
import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTrailTest {

    @TempDir
    private Path folder;

    private Database database;

    @BeforeEach
    void open() {
        database = Database.open("jdbc:h2:file:" + folder.resolve("log"), "sa", null);
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** One start of the server of that name, and what the log says of configurations then, newest first. */
    private List<String> started(String node, String yaml) {
        try (Ledger ledger = Ledger.open(
                database.dataSource(), LedgerSettings.of(node, folder.resolve("key.pem")), InstantSource.system())) {
            AuditSearch entries = new AuditSearch(database.dataSource());
            new ConfigurationTrail(entries, ledger, InstantSource.system()).started(ConfigFile.parse(yaml), node);
            ledger.flush();
            return entries.find(AuditQuery.newest(10).withType("ConfigurationChanged")).stream()
                    .map(AuditEntry::line)
                    .toList();
        }
    }

    @Test
    void a_start_with_another_configuration_names_the_sections_that_changed() {
        String yaml = "ehr: { patient-systems: { A: \"urn:x:1\", B: \"urn:x:2\", C: \"urn:x:3\" } }";
        assertThat(started("one", yaml)).singleElement().asString().contains("first start");
        assertThat(started("one", yaml)).as("the same again").hasSize(1);
        assertThat(started("one", yaml + "\nhl7: { facility: EAST }\norders: { quiet-seconds: 11 }"))
                .hasSize(2)
                .first()
                .asString()
                .contains("changed: hl7, orders;");
        assertThat(started("one", yaml)).hasSize(3);
    }

    @Test
    void each_server_of_a_database_is_compared_with_itself() {
        started("one", "http: { port: 1 }");
        assertThat(started("two", "http: { port: 2 }"))
                .hasSize(2)
                .first()
                .asString()
                .contains("first start");
        assertThat(started("one", "http: { port: 1 }")).hasSize(2);
        assertThat(started("two", "http: { port: 2 }")).hasSize(2);
    }
}
