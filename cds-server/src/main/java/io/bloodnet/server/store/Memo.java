package io.bloodnet.server.store;

import java.util.Optional;

/** Small facts that survive restarts, by name. Safe for all threads. */
public final class Memo {

    private final Database database;

    /** Over this database. */
    public Memo(Database database) {
        this.database = database;
    }

    /** What is remembered under the name. */
    public Optional<String> get(String name) {
        return database.read(handle -> handle.createQuery("select text_value from memo where name = :name")
                .bind("name", name)
                .mapTo(String.class)
                .findOne());
    }

    /** Remembers a value of at most 1000 characters. */
    public void put(String name, String value) {
        database.inTransaction(handle -> {
            int updated = handle.execute("update memo set text_value = ? where name = ?", value, name);
            return updated == 1
                    ? updated
                    : handle.execute("insert into memo (name, text_value) values (?, ?)", name, value);
        });
    }
}
