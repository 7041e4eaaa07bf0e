package io.bloodnet.server.store;

import java.time.Instant;
import java.util.UUID;

/**
 * Keys that begin with the time (RFC 9562 5.7, version 7): rows of one moment lie side by side in every index, so that a commit rewrites one
 * page of it and not one for each row. 74 bits are random.
 */
public final class TimeUuid {

    private TimeUuid() {}

    /** A new one; those of a later millisecond sort behind it, as text too. */
    public static UUID at(Instant now) {
        UUID random = UUID.randomUUID();
        long high = now.toEpochMilli() << 16 | 0x7000 | random.getMostSignificantBits() & 0xFFF;
        return new UUID(high, random.getLeastSignificantBits());
    }

    /** What sorts before all of that millisecond and behind all of an earlier one. */
    public static UUID first(Instant at) {
        return new UUID(at.toEpochMilli() << 16, 0);
    }
}
