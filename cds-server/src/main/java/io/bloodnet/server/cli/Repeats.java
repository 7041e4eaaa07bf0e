package io.bloodnet.server.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Lets the same trouble through once a minute, with how often it came since: while a peer is away the log stays readable. The same is what one
 * logger says at one level when numbers and identifiers are left out. Below a warning nothing is held back. Safe for all threads.
 */
final class Repeats implements Filter {

    static final Duration ONCE_IN = Duration.ofMinutes(1);
    /** Different troubles that are known at a time; the one that came first is forgotten first. */
    private static final int KNOWN_MAX = 1_000;

    private final InstantSource clock;
    private final Map<String, Seen> seen = new LinkedHashMap<>();

    private static final class Seen {
        private Instant told;
        private long held;

        Seen(Instant told) {
            this.told = told;
        }
    }

    Repeats(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean isLoggable(LogRecord record) {
        if (record.getLevel().intValue() < Level.WARNING.intValue()) {
            return true;
        }
        long held = held(key(record));
        if (held > 0) {
            record.setMessage(record.getMessage() + " (" + held + " more like it since the last such line)");
        }
        return held >= 0;
    }

    /** How many were held back since the last one; -1 when this one is held back, too. */
    private synchronized long held(String key) {
        Instant now = clock.instant();
        Seen before = seen.get(key);
        if (before != null && now.isBefore(before.told.plus(ONCE_IN)) && !now.isBefore(before.told)) {
            before.held++;
            return -1;
        }
        if (before != null) {
            long held = before.held;
            before.told = now;
            before.held = 0;
            return held;
        }
        if (seen.size() >= KNOWN_MAX) {
            seen.remove(seen.keySet().iterator().next());
        }
        seen.put(key, new Seen(now));
        return 0;
    }

    private static String key(LogRecord record) {
        String text = record.getMessage() == null ? "" : record.getMessage();
        Throwable thrown = record.getThrown();
        return record.getLoggerName()
                + record.getLevel()
                + text.replaceAll("[0-9a-fA-F]{8}[-0-9a-fA-F]*|[0-9]+([.:,][0-9]+)*", "#")
                + (thrown == null ? "" : thrown.getClass().getName());
    }
}
