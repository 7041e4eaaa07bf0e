package io.bloodnet.server.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of the database that several servers share, so that what one of them writes as due is due for all: this machine's clock plus how
 * far the database's is ahead, which is asked for now and then. On H2, where there is one server, it is this machine's. Safe for all threads.
 */
public final class DatabaseClock implements InstantSource {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);

    /** A difference that is no more than the way there and back may hide counts as none. */
    static final Duration EXACT = Duration.ofMillis(20);
    /** ... and so large a one is told, since audit entries and messages of this machine would not fit to others. */
    static final Duration FAR = Duration.ofSeconds(2);

    private final InstantSource machine;
    private final Supplier<Instant> database;
    private volatile Duration ahead = Duration.ZERO;

    /** @param database asks the database for its time */
    DatabaseClock(InstantSource machine, Supplier<Instant> database) {
        this.machine = machine;
        this.database = database;
        look();
    }

    /** The clock that servers of this database go by. */
    public static DatabaseClock of(Database database, InstantSource machine) {
        return database.isH2()
                ? new DatabaseClock(machine, machine::instant)
                : new DatabaseClock(
                        machine,
                        () -> database.read(handle -> handle.createQuery("select clock_timestamp()")
                                .mapTo(OffsetDateTime.class)
                                .one()
                                .toInstant()));
    }

    /** Asks again; when the database does not answer, what was known stays. */
    public void look() {
        try {
            Instant asked = machine.instant();
            Instant there = database.get();
            Instant answered = machine.instant();
            Duration way = Duration.between(asked, answered);
            if (way.isNegative() || way.compareTo(FAR) > 0) {
                return; // too slow to tell
            }
            Duration difference = Duration.between(asked.plus(way.dividedBy(2)), there);
            ahead = difference.abs().compareTo(EXACT.plus(way.dividedBy(2))) <= 0 ? Duration.ZERO : difference;
            if (difference.abs().compareTo(FAR) > 0) {
                LOG.warn(
                        "this machine's clock differs from the database's by {} s, next: set it; the database's counts",
                        difference.toSeconds());
            }
        } catch (RuntimeException e) {
            LOG.debug("the database's time is not known ({})", e.getClass().getSimpleName());
        }
    }

    @Override
    public Instant instant() {
        return machine.instant().plus(ahead);
    }
}
