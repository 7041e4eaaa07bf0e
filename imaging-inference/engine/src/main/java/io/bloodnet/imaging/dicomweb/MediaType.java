package io.bloodnet.imaging.dicomweb;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A Content-Type (RFC 9110 8.3.1). Parameters may be quoted, and a quoted one may hold semicolons: archives send
 * {@code type="application/octet-stream; transfer-syntax=..."}.
 *
 * @param name type and subtype, lower case
 * @param parameters by lower-case name
 */
record MediaType(String name, Map<String, String> parameters) {

    private static final int CHARACTERS_MAX = 1_000;

    MediaType {
        parameters = Map.copyOf(parameters);
    }

    /** Reads a header's value; what cannot be read is left out. */
    static MediaType parse(String header) {
        String text = header.substring(0, Math.min(header.length(), CHARACTERS_MAX));
        Map<String, String> parameters = new HashMap<>();
        int at = end(text, 0);
        String name = text.substring(0, at).strip().toLowerCase(Locale.ROOT);
        while (at < text.length()) {
            int next = end(text, at + 1);
            String parameter = text.substring(at + 1, next);
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                String value = parameter.substring(equals + 1).strip();
                parameters.putIfAbsent(
                        parameter.substring(0, equals).strip().toLowerCase(Locale.ROOT), unquoted(value));
            }
            at = next;
        }
        return new MediaType(name, parameters);
    }

    Optional<String> parameter(String parameter) {
        return Optional.ofNullable(parameters.get(parameter));
    }

    /** The next semicolon that is not inside quotes, else the end. */
    private static int end(String text, int from) {
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ';' && !quoted) {
                return i;
            }
        }
        return text.length();
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value;
    }
}
