package io.bloodnet.hl7.er7;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    /** Copies the list. */
    public Er7Message {
        segments = List.copyOf(segments);
    }

    /**
     * Cuts a message into its segments.
     *
     * @param text the whole message, decoded, beginning with a header segment
     * @throws MessageRefusedException when a line is no segment, or there are too many
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
                found.add(new Er7Segment(name(line, delimiters, number), line, delimiters));
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

    private static String name(String line, Delimiters delimiters, int number) {
        boolean named = line.length() == NAME_LENGTH
                || line.length() > NAME_LENGTH && line.charAt(NAME_LENGTH) == delimiters.field();
        for (int i = 0; named && i < NAME_LENGTH; i++) {
            char c = line.charAt(i);
            named = c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9';
        }
        if (!named) {
            throw MessageRefusedException.of(
                    Condition.SEGMENT_SEQUENCE, null, "line " + number + " does not begin with a segment's name");
        }
        return line.substring(0, NAME_LENGTH);
    }
}
