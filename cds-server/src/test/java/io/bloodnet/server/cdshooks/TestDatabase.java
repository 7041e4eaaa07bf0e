package io.bloodnet.server.cdshooks;

import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;

/** Makes the tables of this package alone, by their own migration. */
final class TestDatabase {

    private TestDatabase() {}

    static Jdbi migrated(DataSource source, String blob) {
        Flyway.configure()
                .dataSource(source)
                .locations("classpath:db/server")
                .placeholders(Map.of("blob", blob))
                .load()
                .migrate();
        return Jdbi.create(source);
    }
}
