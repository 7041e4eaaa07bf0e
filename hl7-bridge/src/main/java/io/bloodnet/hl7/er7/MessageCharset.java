package io.bloodnet.hl7.er7;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * In which character sets a message is written: MSH-18, whose first repetition is the set it begins in and whose others are those it may
 * change to, and MSH-20, how it changes (HL7 v2.5.1 2.15.9.18 and .20). Safe for all threads.
 *
 * @param base the set that each segment begins in
 * @param several whether more sets may occur
 * @param declared whether the message names its first set
 */
public record MessageCharset(Charset base, boolean several, boolean declared) {

    private static final int SETS_MAX = 20;
    /** HL7 table 0356. */
    private static final Set<String> SCHEMES = Set.of("", "ISO 2022-1994", "2.3");

    /** Two-byte sets that ISO 2022 selects: a message that names one first begins in ASCII all the same. */
    private static final Set<String> SELECTED_ONLY = Set.of("ISO-2022-JP", "ISO-2022-JP-2");

    /** Sets in which the second byte of a character may be HL7's escape character. */
    private static final Set<String> TRAIL_BYTES = Set.of("BIG5", "GB18030", "GBK", "SHIFT_JIS", "WINDOWS-31J");

    /** One set and no other. */
    public static MessageCharset only(Charset charset) {
        return new MessageCharset(charset, false, true);
    }

    /**
     * What the header says.
     *
     * @param siteDefault of messages whose first set is not named
     * @throws MessageRefusedException when a set or the way of changing is not known
     */
    public static MessageCharset of(Er7Segment msh, Charset siteDefault) {
        int count = msh.repetitions(18);
        if (count > SETS_MAX) {
            throw refuse("MSH-18", "more than " + SETS_MAX + " character sets");
        }
        List<Charset> sets = new ArrayList<>();
        boolean declared = false;
        for (int i = 0; i < count; i++) {
            String name = msh.text(18, i, 1, 1);
            if (!name.isEmpty()) {
                sets.add(CharacterSets.named(name)
                        .orElseThrow(() -> refuse("MSH-18", "the character set is not known")));
                declared = declared || i == 0;
            }
        }
        String scheme = msh.text(20).toUpperCase(Locale.ROOT);
        if (!SCHEMES.contains(scheme)) {
            throw refuse("MSH-20", "ISO 2022-1994 and 2.3 are taken");
        }
        Charset first = declared ? sets.getFirst() : siteDefault;
        boolean selected = SELECTED_ONLY.contains(first.name());
        boolean several = selected || count > 1 || !scheme.isEmpty();
        return new MessageCharset(selected ? StandardCharsets.US_ASCII : first, several, declared);
    }

    /** The text; empty when a byte is in none of the sets. */
    public Optional<String> decode(byte[] bytes, char escape) {
        boolean trailBytes = TRAIL_BYTES.contains(base.name().toUpperCase(Locale.ROOT));
        return trailBytes || !Iso2022.switches(bytes, escape)
                ? CharacterSets.decode(bytes, base)
                : Iso2022.decode(bytes, base, escape);
    }

    /** The text of an answer in a set that the sender can read; what is in none of them becomes a question mark. */
    public byte[] encode(String text) {
        Charset first = several && !declared ? StandardCharsets.US_ASCII : base;
        boolean plain = !several || first.newEncoder().canEncode(text);
        return text.getBytes(plain ? first : Charset.forName("ISO-2022-JP-2"));
    }

    /** For a person. */
    @Override
    public String toString() {
        return several ? base + " and others by ISO 2022" : base.toString();
    }

    private static MessageRefusedException refuse(String location, String text) {
        return MessageRefusedException.of(Condition.TABLE_VALUE, location, text);
    }
}
