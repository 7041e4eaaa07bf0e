package io.bloodnet.server.http;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Something that readiness needs. */
@FunctionalInterface
public interface Check {

    /** Longest wait at which work still counts as going on. */
    Duration WAIT_MAX = Duration.ofSeconds(10);

    /** What is wrong, in words without patient data; empty when all is well. Answers within seconds. */
    Optional<String> trouble();

    /** Trouble when it is not so. */
    static Check that(BooleanSupplier well, String trouble) {
        return () -> well.getAsBoolean() ? Optional.empty() : Optional.of(trouble);
    }

    /**
     * Progress: trouble when the oldest item has waited longer than {@link #WAIT_MAX}.
     *
     * @param what the item, as in "a message"
     * @param oldest how long the oldest one has waited; zero when none waits
     */
    static Check progress(String what, Supplier<Duration> oldest) {
        return () -> {
            Duration age = oldest.get();
            return age.compareTo(WAIT_MAX) <= 0
                    ? Optional.empty()
                    : Optional.of(what + " has waited " + age.toSeconds() + " s for the database");
        };
    }

    /** The first trouble of both. */
    default Check and(Check other) {
        return () -> trouble().or(other::trouble);
    }
}
