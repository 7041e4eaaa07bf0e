package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads fields with limits; refusals name field and limit. */
public final class Fields {

    /** Longest name, code or number that is kept, in characters. */
    static final int TEXT_MAX = 250;

    private Fields() {}

    /** The component, or null when absent. */
    public static @Nullable String text(Er7Segment segment, int field, int component) {
        return limited(segment, field, segment.text(field, component));
    }

    /** The subcomponent, or null when absent. */
    public static @Nullable String text(
            Er7Segment segment, int field, int repetition, int component, int subcomponent) {
        return limited(segment, field, segment.text(field, repetition, component, subcomponent));
    }

    /** The value made of a component; null when absent. A value refused by its own limits refuses the message at this field. */
    public static <T> @Nullable T value(@Nullable Er7Segment segment, int field, Function<String, T> make) {
        String text = segment == null ? null : text(segment, field, 1);
        if (segment == null || text == null) {
            return null;
        }
        return make(segment.name() + "-" + field, () -> make.apply(text));
    }

    /** What {@code make} gives; what it refuses, refuses the message at that place. The domain's refusals hold no content. */
    public static <T> T make(String location, java.util.function.Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, location, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String limited(Er7Segment segment, int field, String text) {
        if (text.isEmpty()) {
            return null;
        }
        if (text.length() > TEXT_MAX) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE,
                    segment.name() + "-" + field,
                    "has " + text.length() + " characters, the limit is " + TEXT_MAX);
        }
        return text;
    }
}
