package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.server.store.Database;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Section {@code database}: where everything is kept. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record DatabaseKeys(
        String url,
        String user,
        @JsonProperty("password-file") @Nullable String passwordFile) {

    private static final Key.Text URL = new Key.Text(
            "database.url",
            "jdbc:h2:file:./data/bloodnet",
            "a file (absolute, or beginning with `./` or `~/`; made for its owner alone), or `jdbc:postgresql:...`; nothing else of H2 is"
                    + " taken, it would lose commits");
    private static final Key.Text USER = new Key.Text("database.user", "sa", "who we are there");
    private static final Key.Secret PASSWORD = new Key.Secret("database.password-file", "its password");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(URL, USER, PASSWORD);

    /** Fills what is absent; opening checks. */
    public DatabaseKeys {
        url = URL.or(url);
        user = USER.or(user);
    }

    static DatabaseKeys usual() {
        return new DatabaseKeys(null, null, null);
    }

    /** Opens it for a server. @throws ConfigException when the password cannot be read */
    public Database open() {
        return Database.open(url, user, PASSWORD.password(passwordFile));
    }

    /** Opens it for a command that reads. @throws ConfigException when the password cannot be read */
    public Database openForReading() {
        return Database.openForReading(url, user, PASSWORD.password(passwordFile));
    }

    /** Opens it for a look that changes nothing. @throws ConfigException when the password cannot be read */
    public Database openToLook() {
        return Database.openToLook(url, user, PASSWORD.password(passwordFile));
    }
}
