package io.bloodnet.hl7.er7;

import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.GenericMessage;
import ca.uhn.hl7v2.model.GenericSegment;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.parser.DefaultModelClassFactory;
import ca.uhn.hl7v2.parser.EncodingCharacters;
import ca.uhn.hl7v2.parser.PipeParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A message as its segments in the order sent. The message's own structure (groups) is not enforced: senders of 2.1 to 2.9 differ in it,
 * and what we need is checked by whoever reads it. HAPI's {@link PipeParser} splits and unescapes each segment; it is the only parser, so
 * that XML has no way in.
 *
 * @param segments those asked for, MSH first
 */
public record Er7Message(List<Er7Segment> segments) {

    /** Most segments, empty ones too. */
    public static final int SEGMENTS_MAX = 5_000;
    /** Most separators (fields, components, repetitions, subcomponents, escapes): each costs an object. */
    public static final int SEPARATORS_MAX = 50_000;
    /** Most separators in one segment. HL7's longest segments have less than a hundred fields. */
    public static final int SEGMENT_SEPARATORS_MAX = 5_000;

    private static final int NAME_LENGTH = 3;
    private static final PipeParser PARSER = new PipeParser(new DefaultModelClassFactory());
    private static final GenericMessage.V251 PARENT_CLASSES = new GenericMessage.V251(new DefaultModelClassFactory());

    /** Copies the list. */
    public Er7Message {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a message.
     *
     * @param text the whole message, decoded, beginning with MSH (or BHS, FHS)
     * @param wanted names of the segments to read; others are checked for their name only. All of them when empty
     * @throws MessageRefusedException when it is no ER7 or over a limit
     */
    public static Er7Message parse(String text, Delimiters delimiters, Set<String> wanted) {
        List<Er7Segment> found = new ArrayList<>();
        Message parent = new GenericMessage.V251(PARENT_CLASSES.getModelClassFactory());
        int separators = 0;
        int number = 0;
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\r', start);
            end = end < 0 ? text.length() : end;
            if (++number > SEGMENTS_MAX) {
                throw refuse("more than " + SEGMENTS_MAX + " segments");
            }
            String line = text.substring(text.charAt(start) == '\n' ? start + 1 : start, end);
            start = end + 1;
            if (line.isBlank()) {
                continue;
            }
            String name = name(line, delimiters, number);
            if (wanted.isEmpty() || wanted.contains(name)) {
                separators += count(line, delimiters, number);
                if (separators > SEPARATORS_MAX) {
                    throw refuse("more than " + SEPARATORS_MAX + " separators");
                }
                found.add(segment(parent, name, line, delimiters));
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

    private static int count(String line, Delimiters delimiters, int number) {
        int count = 0;
        for (int i = 0; i < line.length(); i++) {
            count += delimiters.isOne(line.charAt(i)) ? 1 : 0;
        }
        if (count > SEGMENT_SEPARATORS_MAX) {
            throw refuse("segment " + number + " has " + count + " separators, the limit is " + SEGMENT_SEPARATORS_MAX);
        }
        return count;
    }

    private static Er7Segment segment(Message parent, String name, String line, Delimiters delimiters) {
        GenericSegment segment = new GenericSegment(parent, name);
        try {
            PARSER.parse(
                    segment,
                    line,
                    new EncodingCharacters(
                            delimiters.field(),
                            delimiters.component(),
                            delimiters.repetition(),
                            delimiters.escape(),
                            delimiters.subcomponent()));
        } catch (HL7Exception e) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, name, "the segment cannot be read");
        }
        return new Er7Segment(segment);
    }

    private static MessageRefusedException refuse(String text) {
        return MessageRefusedException.of(Condition.DATA_TYPE, null, text);
    }
}
