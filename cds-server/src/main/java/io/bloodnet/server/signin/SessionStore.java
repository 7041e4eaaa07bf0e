package io.bloodnet.server.signin;

import io.bloodnet.server.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Sessions of people in the database: they survive a restart and are the same for all servers of one database. The secret of a cookie is
 * kept as its hash. Safe for all threads.
 */
final class SessionStore {

    /** A session's last use is written at most this often. */
    private static final Duration TOUCH_EVERY = Duration.ofMinutes(1);

    private final Database database;
    private final Duration idle;
    private final Duration absolute;
    private final InstantSource clock;

    SessionStore(Database database, Duration idle, Duration absolute, InstantSource clock) {
        this.database = database;
        this.idle = idle;
        this.absolute = absolute;
        this.clock = clock;
    }

    /** A session. @param id its hash, no secret */
    record Session(String id, Identity who, Instant begunAt, Instant usedAt) {}

    /** Begins a session. Returns the secret for the person's cookie. */
    String open(Identity who) {
        String secret = SecretText.make();
        database.inTransaction(handle -> {
            forgetEnded(handle);
            return handle.createUpdate(
                            "insert into web_session (id_hash, person, name, roles, id_token, begun_at, used_at)"
                                    + " values (:id, :person, :name, :roles, :token, :now, :now)")
                    .bind("id", SecretText.hash(secret))
                    .bind("person", who.user())
                    .bind("name", who.name())
                    .bind("roles", Role.words(who.roles()))
                    .bind("token", who.idToken())
                    .bind("now", utc(clock.instant()))
                    .execute();
        });
        return secret;
    }

    /** The session of this cookie, which is used by that; empty when there is none, or no longer. */
    Optional<Session> use(String secret) {
        return touched(SecretText.hash(secret));
    }

    /** Whether a session goes on; a page that is open and follows the worklist counts as use. */
    boolean goesOn(String id) {
        return touched(id).isPresent();
    }

    private Optional<Session> touched(String id) {
        Optional<Session> session = alive(id);
        if (session.isPresent() && session.get().usedAt().plus(TOUCH_EVERY).isBefore(clock.instant())) {
            database.inTransaction(
                    handle -> handle.createUpdate("update web_session set used_at = :now where id_hash = :id")
                            .bind("now", utc(clock.instant()))
                            .bind("id", id)
                            .execute());
        }
        return session;
    }

    private Optional<Session> alive(String id) {
        return database.read(handle -> handle.createQuery(
                        "select id_hash, person, name, roles, id_token, begun_at, used_at from web_session where id_hash = :id")
                .bind("id", id)
                .map((row, context) -> session(row))
                .findOne()
                .filter(session -> session.usedAt().plus(idle).isAfter(clock.instant()))
                .filter(session -> session.begunAt().plus(absolute).isAfter(clock.instant())));
    }

    /** Ends a session. */
    void end(String id) {
        database.inTransaction(handle -> handle.createUpdate("delete from web_session where id_hash = :id")
                .bind("id", id)
                .execute());
    }

    private void forgetEnded(Handle handle) {
        handle.createUpdate("delete from web_session where used_at < :idle or begun_at < :absolute")
                .bind("idle", utc(clock.instant().minus(idle)))
                .bind("absolute", utc(clock.instant().minus(absolute)))
                .execute();
    }

    private static Session session(ResultSet row) throws SQLException {
        return new Session(
                row.getString("id_hash"),
                new Identity(
                        row.getString("person"),
                        row.getString("name"),
                        Role.parse(row.getString("roles")),
                        row.getString("id_token")),
                row.getObject("begun_at", OffsetDateTime.class).toInstant(),
                row.getObject("used_at", OffsetDateTime.class).toInstant());
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }
}
