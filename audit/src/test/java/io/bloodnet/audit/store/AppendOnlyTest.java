package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Events;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

class AppendOnlyTest {

    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path dir;

    private LedgerSettings settings() {
        return LedgerSettings.of("node-1", dir.resolve("key"));
    }

    @Test
    void server_role_on_postgres_writes_the_log_and_can_change_nothing() throws SQLException {
        PGSimpleDataSource owner = TestDatabase.postgres();
        Ledger.open(owner, settings(), CLOCK).close();
        String role = "server_" + owner.getDatabaseName();
        TestDatabase.execute(owner, "create role " + role + " login");
        try (Connection connection = owner.getConnection()) {
            AppendOnly.grant(connection, role);
        }
        PGSimpleDataSource server = as(role, owner);
        try (Ledger ledger = Ledger.open(server, settings().withRequireAppendOnly(true), CLOCK)) {
            for (int i = 0; i < 300; i++) {
                ledger.record(Events.numbered(i));
            }
            try (Connection connection = server.getConnection()) {
                connection.setAutoCommit(false);
                ledger.append(connection, Events.numbered(300));
                connection.commit();
            }
            ledger.flush();
            assertThat(ledger.status().signedSize()).isEqualTo(301);
        }
        try (Connection connection = server.getConnection()) {
            assertThat(AppendOnly.weaknesses(connection)).isEmpty();
        }
        for (String table :
                List.of("audit_entry", "audit_node", "audit_checkpoint", "audit_log", "audit_cosignature")) {
            assertRefused(server, "update " + table + " set " + column(table) + " = null");
            assertRefused(server, "delete from " + table);
            assertRefused(server, "truncate " + table);
            assertRefused(server, "drop table " + table);
            assertRefused(server, "alter table " + table + " disable trigger all");
            assertRefused(server, "drop trigger " + table + "_append_only on " + table);
        }
        assertRefused(server, "update audit_pending set body = ''");
        assertRefused(server, "drop function audit_refuse_change() cascade");
    }

    @Test
    void triggers_stop_even_the_owner_and_a_too_powerful_user_is_refused() {
        PGSimpleDataSource owner = TestDatabase.postgres();
        try (Ledger ledger = Ledger.open(owner, settings(), CLOCK)) {
            ledger.record(Events.numbered(1));
        }
        assertRefused(owner, "update audit_entry set line = ''");
        assertRefused(owner, "delete from audit_checkpoint");
        assertRefused(owner, "truncate audit_entry");
        assertThatExceptionOfType(AuditUnavailableException.class)
                .isThrownBy(() -> Ledger.open(owner, settings().withRequireAppendOnly(true), CLOCK))
                .withMessageContaining("superuser")
                .extracting(AuditUnavailableException::fault)
                .isEqualTo(AuditFault.TOO_POWERFUL);
    }

    @Test
    void refuses_a_database_whose_triggers_were_disabled() throws SQLException {
        PGSimpleDataSource owner = TestDatabase.postgres();
        Ledger.open(owner, settings(), CLOCK).close();
        String role = "server_" + owner.getDatabaseName();
        TestDatabase.execute(owner, "create role " + role + " login");
        try (Connection connection = owner.getConnection()) {
            AppendOnly.grant(connection, role);
        }
        TestDatabase.execute(owner, "alter table audit_entry disable trigger audit_entry_append_only");
        assertThatExceptionOfType(AuditUnavailableException.class)
                .isThrownBy(() -> Ledger.open(as(role, owner), settings().withRequireAppendOnly(true), CLOCK))
                .withMessageContaining("triggers");
    }

    @Test
    void h2_refuses_updates_and_deletes() {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(1));
        }
        assertRefused(database, "update audit_entry set line = ''");
        assertRefused(database, "delete from audit_entry");
        assertRefused(database, "delete from audit_checkpoint");
        assertRefused(database, "update audit_log set origin = 'x'");
        assertThat(TestDatabase.number(database, "select count(*) from audit_entry"))
                .isOne();
    }

    private static String column(String table) {
        return switch (table) {
            case "audit_entry", "audit_cosignature" -> "line";
            case "audit_node" -> "hash";
            case "audit_checkpoint" -> "note";
            default -> "origin";
        };
    }

    private static PGSimpleDataSource as(String role, PGSimpleDataSource owner) {
        PGSimpleDataSource server = new PGSimpleDataSource();
        server.setServerNames(owner.getServerNames());
        server.setPortNumbers(owner.getPortNumbers());
        server.setDatabaseName(owner.getDatabaseName());
        server.setUser(role);
        return server;
    }

    private static void assertRefused(DataSource database, String sql) {
        assertThatExceptionOfType(SQLException.class).as(sql).isThrownBy(() -> {
            try (Connection connection = database.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        });
    }
}
