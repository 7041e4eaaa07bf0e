package io.bloodnet.imaging.peer;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** What a peer asks us to wait, in the header Retry-After (RFC 9110 10.2.3). */
public final class RetryAfter {

    /** The longest wait that a peer may ask for and get. */
    public static final Duration MAX = Duration.ofHours(1);

    private RetryAfter() {}

    /** Seconds or an HTTP date; zero for a date that is over, at most {@link #MAX}; null when the text is neither. */
    public static @Nullable Duration parse(String text, Instant now) {
        Duration asked;
        try {
            asked = text.strip().matches("\\d{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(text.strip()))
                    : Duration.between(
                            now,
                            ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
        } catch (DateTimeException e) {
            return null;
        }
        if (asked.isNegative()) {
            return Duration.ZERO;
        }
        return asked.compareTo(MAX) > 0 ? MAX : asked;
    }
}
