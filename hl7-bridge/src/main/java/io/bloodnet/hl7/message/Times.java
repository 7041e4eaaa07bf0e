package io.bloodnet.hl7.message;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HL7's times: {@code YYYYMMDD[HH[MM[SS[.S]]]][+/-ZZZZ]} (v2.5.1 2.A.22). */
public final class Times {

    private static final Pattern TIME = Pattern.compile(
            "(\\d{4})(\\d\\d)(\\d\\d)(?:(\\d\\d)(?:(\\d\\d)(?:(\\d\\d)(?:\\.\\d{1,4})?)?)?)?([+-]\\d{4})?");

    private Times() {}

    /** The day; empty when the text has none. */
    public static Optional<LocalDate> day(String text) {
        Matcher m = TIME.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDate.of(number(m, 1), number(m, 2), number(m, 3)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The moment; times without an offset are in {@code zone}. Empty when the text has no day at least. */
    public static Optional<Instant> instant(String text, ZoneId zone) {
        Matcher m = TIME.matcher(text);
        if (!m.matches()) {
            return Optional.empty();
        }
        try {
            ZoneId in = m.group(7) == null ? zone : ZoneOffset.of(m.group(7));
            return Optional.of(
                    LocalDateTime.of(number(m, 1), number(m, 2), number(m, 3), number(m, 4), number(m, 5), number(m, 6))
                            .atZone(in)
                            .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The offset from UTC that a time names; empty when it names none. */
    static Optional<ZoneOffset> offset(String text) {
        Matcher m = TIME.matcher(text);
        try {
            return m.matches() && m.group(7) != null ? Optional.of(ZoneOffset.of(m.group(7))) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int number(Matcher m, int group) {
        return m.group(group) == null ? 0 : Integer.parseInt(m.group(group));
    }
}
