package io.bloodnet.hl7.er7;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** MSH-18's names of character sets (HL7 table 0211), and whatever else Java knows by name. */
public final class CharacterSets {

    private static final String PROBE = "MSH|^~\\&\r";

    private static final Map<String, String> TABLE_0211 = Map.ofEntries(
            Map.entry("ASCII", "US-ASCII"),
            Map.entry("ISO IR6", "US-ASCII"),
            Map.entry("UNICODE", "UTF-8"),
            Map.entry("UNICODE UTF-8", "UTF-8"),
            Map.entry("ISO IR14", "JIS_X0201"),
            Map.entry("ISO IR87", "ISO-2022-JP"),
            Map.entry("ISO IR159", "ISO-2022-JP-2"),
            Map.entry("GB 18030-2000", "GB18030"),
            Map.entry("KS X 1001", "EUC-KR"),
            Map.entry("CNS 11643-1992", "EUC-TW"),
            Map.entry("BIG-5", "Big5"));

    /** Those in which a byte below 0x80 is always that character. */
    private static final Set<Charset> ASCII_BASED =
            Set.of(StandardCharsets.UTF_8, StandardCharsets.US_ASCII, StandardCharsets.ISO_8859_1);

    private CharacterSets() {}

    private static boolean isAscii(byte[] bytes) {
        int all = 0;
        for (byte b : bytes) {
            all |= b;
        }
        return all >= 0;
    }

    /** The character set of that name; empty when unknown, or when its bytes for a header are not ASCII's: framing rests on them. */
    public static Optional<Charset> named(String msh18) {
        String name = msh18.strip().toUpperCase(Locale.ROOT);
        String java = name.startsWith("8859/") ? "ISO-8859-" + name.substring(5) : TABLE_0211.getOrDefault(name, name);
        try {
            Charset charset = Charset.forName(java);
            boolean ascii = charset.canEncode()
                    && Arrays.equals(PROBE.getBytes(charset), PROBE.getBytes(StandardCharsets.US_ASCII));
            return ascii ? Optional.of(charset) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The text, or empty when a byte does not decode. */
    public static Optional<String> decode(byte[] bytes, Charset charset) {
        if (ASCII_BASED.contains(charset) && isAscii(bytes)) {
            return Optional.of(new String(bytes, StandardCharsets.US_ASCII)); // most messages: no decoder is needed
        }
        try {
            return Optional.of(charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
