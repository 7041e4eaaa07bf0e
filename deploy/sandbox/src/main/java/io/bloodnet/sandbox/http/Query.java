package io.bloodnet.sandbox.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A query string's parameters in order, decoded.
 *
 * @param parameters names may repeat
 */
public record Query(List<Parameter> parameters) {

    /** One parameter; the value is empty when there was none. */
    public record Parameter(String name, String value) {}

    /** Copies the list. */
    public Query {
        parameters = List.copyOf(parameters);
    }

    /** Reads {@code a=1&b=2}, percent-encoded. @throws IllegalArgumentException when the encoding is broken */
    public static Query parse(String raw) {
        List<Parameter> found = new ArrayList<>();
        for (String part : raw.split("&")) {
            if (!part.isEmpty()) {
                int at = part.indexOf('=');
                String name = at < 0 ? part : part.substring(0, at);
                String value = at < 0 ? "" : part.substring(at + 1);
                found.add(new Parameter(decode(name), decode(value)));
            }
        }
        return new Query(found);
    }

    /** The first value of any of the names. */
    public Optional<String> first(String... names) {
        List<String> wanted = List.of(names);
        return parameters.stream()
                .filter(p -> wanted.contains(p.name()))
                .map(Parameter::value)
                .findFirst();
    }

    /** The first value as a number, or the default when absent. @throws IllegalArgumentException when it is no number of 0 or more */
    public int number(String name, int otherwise) {
        String text = first(name).orElse(Integer.toString(otherwise));
        if (!text.matches("\\d{1,9}")) {
            throw new IllegalArgumentException(name + " is not a whole number of 0 or more");
        }
        return Integer.parseInt(text);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
