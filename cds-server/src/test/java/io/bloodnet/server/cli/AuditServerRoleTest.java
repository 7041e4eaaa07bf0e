package io.bloodnet.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.server.store.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two roles of docs/deploy.md on a real PostgreSQL: the owner migrates and grants, the server's role cannot change the log. */
class AuditServerRoleTest {

    @TempDir
    private Path folder;

    @Test
    void server_runs_as_a_role_that_cannot_change_the_log_and_refuses_one_that_could() throws IOException {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start()) {
            String url = "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres";
            Path config = Files.writeString(
                    folder.resolve("owner.yaml"), "database: { url: \"" + url + "\", user: postgres }\n");
            try (Database owner = Database.open(url, "postgres", null)) {
                owner.inTransaction(handle -> handle.execute("create role bloodnet_server login"));
                assertThat(BloodNetCommand.commandLine(new BloodNetCommand())
                                .execute("audit", "grant", "--config", config.toString(), "bloodnet_server"))
                        .isZero();
                assertThatExceptionOfType(AuditUnavailableException.class)
                        .isThrownBy(() -> ledger(owner))
                        .satisfies(e -> assertThat(e.fault()).isEqualTo(AuditFault.TOO_POWERFUL));
            }
            try (Database server = Database.open(url, "bloodnet_server", null);
                    Ledger ledger = ledger(server)) {
                ledger.record(new AuditEvent.WorklistViewed(Instant.now(), About.nothing(), Outcome.SUCCESS, "web", 1));
                ledger.flush();
                assertThat(ledger.status().signedSize()).isOne();
                for (String sql : new String[] {
                    "update audit_entry set line = ''",
                    "delete from audit_checkpoint",
                    "truncate audit_entry",
                    "drop table audit_entry",
                    "alter table audit_entry disable trigger all",
                    "delete from flyway_schema_history"
                }) {
                    assertThatExceptionOfType(JdbiException.class)
                            .as(sql)
                            .isThrownBy(() -> server.inTransaction(handle -> handle.execute(sql)));
                }
            }
        }
    }

    private Ledger ledger(Database database) {
        LedgerSettings settings =
                LedgerSettings.of("node-1", folder.resolve("audit-key.pem")).withRequireAppendOnly(true);
        return Ledger.open(database.dataSource(), settings, InstantSource.system());
    }
}
