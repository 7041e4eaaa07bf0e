package io.bloodnet.imaging.order;

/** Checks on short texts from outside. Messages name the field, the limit and the offending size, never the content. */
final class Text {

    private Text() {}

    /** The text without surrounding blanks; refuses an empty one, one over {@code max} characters, and control characters. */
    static String required(String field, String value, int max) {
        String text = value.strip();
        if (text.isEmpty()) {
            throw new IllegalArgumentException(field + " is empty");
        }
        if (text.length() > max) {
            throw new IllegalArgumentException(field + " has " + text.length() + " characters, the limit is " + max);
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new IllegalArgumentException(field + " holds a control character at position " + i);
            }
        }
        return text;
    }
}
