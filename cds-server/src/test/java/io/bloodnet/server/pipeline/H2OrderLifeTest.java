package io.bloodnet.server.pipeline;

import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class H2OrderLifeTest extends OrderLifeContract {

    @TempDir
    Path folder;

    @Override
    Database open() {
        return Database.open("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", null);
    }
}
