package io.bloodnet.hl7.er7;

/**
 * MSH-1 and MSH-2 (HL7 v2.5.1 2.5.4): five different printable characters that are neither letter, digit nor blank.
 */
public record Delimiters(char field, char component, char repetition, char escape, char subcomponent) {

    /** What we write, and what HL7 recommends. */
    public static final Delimiters STANDARD = new Delimiters('|', '^', '~', '\\', '&');

    private static final int NAME_LENGTH = 3;
    private static final int COUNT_MIN = 4;
    private static final int COUNT_MAX = 5;

    /**
     * Reads them from a header segment's begin.
     *
     * @param header begins with the segment's three letters
     * @throws MessageRefusedException when they are not four (five with 2.7's truncation character) different ones
     */
    public static Delimiters of(String header) {
        int end = header.length() > NAME_LENGTH ? header.indexOf(header.charAt(NAME_LENGTH), NAME_LENGTH + 1) : -1;
        int count = end - NAME_LENGTH - 1;
        if (end < 0 || count < COUNT_MIN || count > COUNT_MAX) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE,
                    "MSH-2",
                    "MSH-1 and MSH-2 must be a field separator and " + COUNT_MIN + " or " + COUNT_MAX
                            + " encoding characters");
        }
        String all = header.substring(NAME_LENGTH, end);
        if (all.chars().distinct().count() != all.length() || !all.chars().allMatch(Delimiters::mayBe)) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE, "MSH-2", "separators must differ and be neither letter, digit nor blank");
        }
        return new Delimiters(all.charAt(0), all.charAt(1), all.charAt(2), all.charAt(3), all.charAt(4));
    }

    private static boolean mayBe(int c) {
        return c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c);
    }
}
