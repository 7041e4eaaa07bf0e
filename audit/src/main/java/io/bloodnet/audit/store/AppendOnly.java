package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the database itself does against changes of the log: triggers that refuse them, and on PostgreSQL a role for the server that has
 * no right to them. Who owns the tables or the machine can undo both: that is what checkpoints outside are for.
 */
public final class AppendOnly {

    private static final Logger LOG = LoggerFactory.getLogger(AppendOnly.class);

    private static final List<String> UNCHANGEABLE =
            List.of("audit_log", "audit_entry", "audit_node", "audit_checkpoint", "audit_cosignature");

    private AppendOnly() {}

    /**
     * Puts the triggers in place where they are missing, and looks at what the server's user could do.
     *
     * @param connection with auto-commit on
     * @param required refuse a user that is too powerful, or a database without triggers; else only warn (PostgreSQL)
     * @throws AuditUnavailableException with {@link AuditFault#TOO_POWERFUL}
     */
    static void prepare(Connection connection, boolean required) throws SQLException {
        if (!isPostgres(connection)) {
            execute(connection, statements("append-only-h2.sql"));
            return;
        }
        if (missingTriggers(connection) && owns(connection)) {
            execute(connection, statements("append-only-postgresql.sql"));
        }
        List<String> weaknesses = weaknesses(connection);
        if (weaknesses.isEmpty()) {
            return;
        }
        if (required) {
            throw new AuditUnavailableException(AuditFault.TOO_POWERFUL, String.join("; ", weaknesses));
        }
        LOG.warn(
                "audit log is not append-only for this database user ({}), going on: give the server a role of its own",
                weaknesses);
    }

    /** Why the connection's user could change the log on PostgreSQL, one sentence each; empty when it could not. */
    public static List<String> weaknesses(Connection connection) throws SQLException {
        List<String> weaknesses = new ArrayList<>();
        if (missingTriggers(connection)) {
            weaknesses.add("the triggers that refuse changes are missing or disabled");
        }
        if (yes(connection, "select rolsuper from pg_roles where rolname = current_user")) {
            weaknesses.add("the user is a superuser");
        }
        if (owns(connection)) {
            weaknesses.add("the user owns the tables");
        }
        for (String table : UNCHANGEABLE) {
            if (yes(connection, "select has_table_privilege('" + table + "', 'UPDATE, DELETE, TRUNCATE, TRIGGER')")) {
                weaknesses.add("the user may change " + table);
            }
        }
        return List.copyOf(weaknesses);
    }

    /** Gives a role what the server needs of the log and nothing more, and puts the triggers in place. To be run as the tables' owner, on PostgreSQL. */
    public static void grant(Connection owner, String role) throws SQLException {
        if (missingTriggers(owner)) {
            execute(owner, statements("append-only-postgresql.sql"));
        }
        if (!role.matches("[a-z_][a-z0-9_]{0,62}")) {
            throw new IllegalArgumentException("a role's name is lower-case letters, digits and underscores");
        }
        List<String> grants = statements("server-role-postgresql.sql").stream()
                .map(statement -> statement.replace("ROLE", role))
                .toList();
        execute(owner, grants);
    }

    static boolean isPostgres(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("PostgreSQL");
    }

    private static boolean missingTriggers(Connection connection) throws SQLException {
        String sql = "select count(*) < " + (UNCHANGEABLE.size() + 1)
                + " from pg_trigger where tgname like 'audit_%_append_only' and tgenabled = 'O'"
                + " and tgrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)";
        return yes(connection, sql);
    }

    private static boolean owns(Connection connection) throws SQLException {
        return yes(
                connection, "select pg_has_role(relowner, 'MEMBER') from pg_class where oid = 'audit_entry'::regclass");
    }

    private static boolean yes(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<String> statements(String resource) {
        try (InputStream in = AppendOnly.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing on the class path: " + resource);
            }
            String sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return List.of(sql.replaceAll("(?m)^-- .*\n", "").split("(?m)^----\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
