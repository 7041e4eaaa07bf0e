package io.bloodnet.server.cdshooks;

import java.nio.file.Path;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On H2, in a file as in production. */
class H2CardStoreTest extends JdbiCardStoreContract {

    @TempDir
    static Path folder;

    private static JdbcConnectionPool pool;
    private static Jdbi jdbi;

    @BeforeAll
    static void start() {
        pool = JdbcConnectionPool.create("jdbc:h2:file:" + folder.resolve("cards"), "sa", "");
        jdbi = TestDatabase.migrated(pool, "blob");
    }

    @AfterAll
    static void stop() {
        pool.dispose();
    }

    @Override
    Jdbi jdbi() {
        return jdbi;
    }
}
