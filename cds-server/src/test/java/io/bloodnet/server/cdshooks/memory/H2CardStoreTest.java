package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On H2, in a file as in production. */
class H2CardStoreTest extends JdbiCardStoreContract {

    @TempDir
    static Path folder;

    private static Database database;

    @BeforeAll
    static void start() {
        database = Database.open("jdbc:h2:file:" + folder.resolve("cards"), "sa", null);
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @Override
    Database database() {
        return database;
    }
}
