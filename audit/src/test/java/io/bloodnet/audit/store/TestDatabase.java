package io.bloodnet.audit.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** A real database with the log's tables: an H2 file, or a PostgreSQL database of its own in one server for all tests. */
public final class TestDatabase {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    private TestDatabase() {}

    /** The two that the product runs on. */
    public enum Kind {
        H2,
        POSTGRES
    }

    public static DataSource create(Kind kind, Path dir) {
        return switch (kind) {
            case H2 -> h2(dir);
            case POSTGRES -> postgres();
        };
    }

    public static JdbcConnectionPool h2(Path dir) {
        return h2(dir.resolve("log").toString());
    }

    public static JdbcConnectionPool h2(String file) {
        JdbcConnectionPool pool =
                JdbcConnectionPool.create("jdbc:h2:file:" + file + ";WRITE_DELAY=0;DB_CLOSE_DELAY=0", "sa", "");
        pool.setMaxConnections(40);
        migrate(pool, "blob");
        return pool;
    }

    public static PGSimpleDataSource postgres() {
        try {
            String name = "audit" + NUMBER.incrementAndGet();
            try (Connection admin = server().getPostgresDatabase().getConnection();
                    Statement statement = admin.createStatement()) {
                statement.execute("create database " + name);
            }
            PGSimpleDataSource database = (PGSimpleDataSource) server().getDatabase("postgres", name);
            migrate(database, "bytea");
            return database;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized EmbeddedPostgres server() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("max_connections", "120")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return server;
    }

    private static void migrate(DataSource database, String blob) {
        Flyway.configure()
                .dataSource(database)
                .locations("classpath:db/audit")
                .placeholders(Map.of("blob", blob))
                .load()
                .migrate();
    }

    public static void execute(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    public static long number(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
