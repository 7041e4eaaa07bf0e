package io.bloodnet.hl7.er7;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A message as its segments in the order sent. The message's own structure (groups) is not enforced: senders of 2.1 to 2.9 differ in it,
 * and what we need is checked by whoever reads it. Nothing here knows XML.
 *
 * @param segments MSH (or BHS) first
 */
public record Er7Message(List<Er7Segment> segments) {

    /** Most lines, empty ones too. */
    public static final int SEGMENTS_MAX = 5_000;

    private static final int NAME_LENGTH = 3;

    /** What begins or ends a message, a batch or a file: inside a message each would be the begin of another one. */
    private static final Set<String> ENVELOPES = Set.of("MSH", "BHS", "BTS", "FHS", "FTS");

    /** Copies the list. */
    public Er7Message {
        segments = List.copyOf(segments);
    }

    /**
     * Cuts a message into its segments.
     *
     * @param text the whole message, decoded, beginning with a header segment
     * @throws MessageRefusedException when a line is no segment, when another message, batch or file begins or ends inside, or when there
     *     are too many lines
     */
    public static Er7Message parse(String text, Delimiters delimiters) {
        List<Er7Segment> found = new ArrayList<>();
        int number = 0;
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\r', start);
            end = end < 0 ? text.length() : end;
            if (++number > SEGMENTS_MAX) {
                throw MessageRefusedException.of(Condition.DATA_TYPE, null, "more than " + SEGMENTS_MAX + " segments");
            }
            String line = text.substring(text.charAt(start) == '\n' ? start + 1 : start, end);
            start = end + 1;
            if (!line.isBlank()) {
                found.add(segment(line, delimiters, number, found.isEmpty()));
            }
        }
        return new Er7Message(found);
    }

    /** The first segment, MSH. */
    public Er7Segment header() {
        return segments.getFirst();
    }

    /** The first segment of that name. */
    public Optional<Er7Segment> first(String name) {
        return segments.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    /** All segments of that name, in order. */
    public List<Er7Segment> all(String name) {
        return segments.stream().filter(s -> s.name().equals(name)).toList();
    }

    private static Er7Segment segment(String line, Delimiters delimiters, int number, boolean first) {
        if (!isNamed(line, 0, delimiters)) {
            throw MessageRefusedException.of(
                    Condition.SEGMENT_SEQUENCE, null, "line " + number + " does not begin with a segment's name");
        }
        String name = line.substring(0, NAME_LENGTH);
        if (!first && ENVELOPES.contains(name)) {
            throw MessageRefusedException.of(
                    Condition.SEGMENT_SEQUENCE, name, "one frame holds one message, line " + number + " is " + name);
        }
        for (int feed = line.indexOf('\n'); feed >= 0; feed = line.indexOf('\n', feed + 1)) {
            if (isNamed(line, feed + 1, delimiters)) { // read as text, a whole segment would be lost
                throw MessageRefusedException.of(
                        Condition.SEGMENT_SEQUENCE,
                        name,
                        "segments must end with CR, not with LF, as in line " + number);
            }
        }
        return new Er7Segment(name, line, delimiters);
    }

    /** Whether a segment's name stands there: three letters or digits, then the field separator or the end. */
    private static boolean isNamed(String line, int at, Delimiters delimiters) {
        int behind = at + NAME_LENGTH;
        boolean named = line.length() == behind || line.length() > behind && line.charAt(behind) == delimiters.field();
        for (int i = at; named && i < behind; i++) {
            char c = line.charAt(i);
            named = c >= 'A' && c <= 'Z' || i > at && c >= '0' && c <= '9';
        }
        return named;
    }
}
