package io.bloodnet.server.cdshooks.card;

/** Text from outside in a card's GitHub Flavored Markdown, made so that it can only be read: no markup, link, image or HTML survives. */
public final class Markdown {

    /** Every ASCII punctuation may be escaped by a backslash (GFM 2.4); with {@code :} and {@code .} escaped no autolink starts. */
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?[\\]^_`{|}~";

    private Markdown() {}

    /**
     * The text on one line, escaped.
     *
     * @param charsMax most characters of the text; what is longer ends in an ellipsis
     */
    public static String text(String raw, int charsMax) {
        StringBuilder out = new StringBuilder();
        int kept = 0;
        for (int i = 0; i < raw.length(); ) {
            int c = raw.codePointAt(i);
            i += Character.charCount(c);
            if (kept++ == charsMax) {
                return out.append('…').toString();
            }
            append(out, c);
        }
        return out.toString();
    }

    private static void append(StringBuilder out, int c) {
        int type = Character.getType(c);
        if (c == '@') {
            out.append("(at)"); // GFM links e-mail addresses even where they are escaped
        } else if (PUNCTUATION.indexOf(c) >= 0) {
            out.append('\\').appendCodePoint(c);
        } else if (Character.isWhitespace(c) || type == Character.CONTROL) {
            out.append(' ');
        } else if (type == Character.FORMAT || type == Character.SURROGATE || type == Character.PRIVATE_USE) {
            out.append('\uFFFD'); // direction overrides and zero-width characters can make a text look like another
        } else {
            out.appendCodePoint(c);
        }
    }
}
