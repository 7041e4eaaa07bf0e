package io.bloodnet.fhir.face;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The parameters of one search. Strict: one that we do not know is refused, since ignoring it would answer another question. */
final class SearchParameters {

    static final int COUNT_DEFAULT = 50;
    static final int COUNT_MAX = 200;
    private static final int QUERY_CHARS_MAX = 4_096;
    private static final int OFFSET_MAX = 1_000_000;
    private static final Set<String> COMMON = Set.of("_count", "_offset", "_format", "_pretty");

    /** The query is not one that we answer. The message is fixed text and parameter names of ours. */
    static final class BadSearchException extends RuntimeException {
        BadSearchException(String message) {
            super(message, null, false, false);
        }
    }

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    /** @param query as in the URL, without the question mark; null or empty for none */
    SearchParameters(@Nullable String query, Set<String> known) {
        if (query == null || query.isEmpty()) {
            return;
        }
        if (query.length() > QUERY_CHARS_MAX) {
            throw new BadSearchException("The query is longer than " + QUERY_CHARS_MAX + " characters");
        }
        for (String part : query.split("&")) {
            int equals = part.indexOf('=');
            String name = decode(equals < 0 ? part : part.substring(0, equals));
            if (!known.contains(name) && !COMMON.contains(name)) {
                throw new BadSearchException("A search parameter is not known here; see the CapabilityStatement");
            }
            values.computeIfAbsent(name, _ -> new ArrayList<>())
                    .add(equals < 0 ? "" : decode(part.substring(equals + 1)));
        }
    }

    /** The value, null when absent. */
    @Nullable
    String one(String name) {
        List<String> all = values.get(name);
        if (all == null) {
            return null;
        }
        if (all.size() > 1) {
            throw new BadSearchException("The search parameter " + name + " may come once");
        }
        return all.getFirst();
    }

    /** The value of whichever of two names is there. */
    @Nullable
    String either(String name, String other) {
        String first = one(name);
        return first != null ? first : one(other);
    }

    /** Values of a repeatable parameter. */
    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    int count() {
        return Math.clamp(number("_count", COUNT_DEFAULT), 1, COUNT_MAX);
    }

    int offset() {
        return Math.clamp(number("_offset", 0), 0, OFFSET_MAX);
    }

    private int number(String name, int otherwise) {
        String text = one(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,9}")) {
            throw new BadSearchException("The search parameter " + name + " is a number");
        }
        return Integer.parseInt(text);
    }

    /** Start of a FHIR date or instant. */
    static Instant instant(String text) {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new BadSearchException("A date is YYYY-MM-DD or a date and time with zone");
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new BadSearchException("The query is not percent-encoded as it should be");
        }
    }
}
