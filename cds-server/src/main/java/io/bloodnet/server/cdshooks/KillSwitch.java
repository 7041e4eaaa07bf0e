package io.bloodnet.server.cdshooks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The mode in force: as configured, or off while the kill switch's file exists. Safe for all threads. */
final class KillSwitch {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final CdsHooksConfig.Operation operation;
    private final InstantSource clock;
    private volatile Seen seen = new Seen(false, Instant.MIN);

    private record Seen(boolean pulled, Instant at) {}

    KillSwitch(CdsHooksConfig.Operation operation, InstantSource clock) {
        this.operation = operation;
        this.clock = clock;
    }

    CdsHooksConfig.Mode mode() {
        return isPulled(operation.killSwitchFile()) ? CdsHooksConfig.Mode.OFF : operation.mode();
    }

    private boolean isPulled(@Nullable Path file) {
        if (file == null) {
            return false;
        }
        Instant now = clock.instant();
        Seen last = seen;
        if (last.at.equals(Instant.MIN) || !now.isBefore(last.at.plus(LOOK_EVERY))) {
            last = new Seen(Files.exists(file), now);
            seen = last;
        }
        return last.pulled;
    }
}
