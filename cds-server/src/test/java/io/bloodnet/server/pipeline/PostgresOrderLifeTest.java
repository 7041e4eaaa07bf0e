package io.bloodnet.server.pipeline;

import io.bloodnet.server.store.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresOrderLifeTest extends OrderLifeContract {

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        // The helper turns durability off for speed; the server refuses that, rightly.
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    Database open() {
        Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null);
        for (String table : tables()) {
            database.inTransaction(handle -> handle.execute("delete from " + table));
        }
        return database;
    }
}
