package io.bloodnet.server.cdshooks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On PostgreSQL. */
class PostgresCardStoreTest extends JdbiCardStoreContract {

    private static EmbeddedPostgres postgres;
    private static Jdbi jdbi;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.start();
        jdbi = TestDatabase.migrated(postgres.getPostgresDatabase(), "bytea");
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    Jdbi jdbi() {
        return jdbi;
    }
}
