package io.bloodnet.audit.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Text with signatures under it (C2SP signed-note).
 *
 * @param text the signed text, ended by a line feed
 * @param signatures at least one, at most {@value #SIGNATURES_MAX}
 */
public record SignedNote(String text, List<Signature> signatures) {

    public static final int SIGNATURES_MAX = 16;
    public static final int CHARS_MAX = 16 * 1024;

    private static final String SIGNATURE_START = "\u2014 ";
    private static final Pattern NAME = Pattern.compile("[!-*,-~]{1,128}");

    public SignedNote {
        signatures = List.copyOf(signatures);
        if (!text.endsWith("\n") || text.contains("\n\n" + SIGNATURE_START)) {
            throw new MalformedNoteException("a note's text ends with a line feed and holds no signatures");
        }
        if (signatures.isEmpty() || signatures.size() > SIGNATURES_MAX) {
            throw new MalformedNoteException(
                    "a note has 1 to " + SIGNATURES_MAX + " signatures, got " + signatures.size());
        }
    }

    /** One signature line: who, by which key, and what the key made. */
    public record Signature(String name, int keyId, byte[] bytes) {

        public Signature {
            requireName(name);
            bytes = bytes.clone();
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }

        /** The line as it stands in the note, without its line feed. */
        public String line() {
            byte[] all = new byte[4 + bytes.length];
            java.nio.ByteBuffer.wrap(all).putInt(keyId).put(bytes);
            return SIGNATURE_START + name + " " + Base64.getEncoder().encodeToString(all);
        }

        /** @throws MalformedNoteException when the line is not one of a signature */
        public static Signature parse(String line) {
            String[] parts = line.startsWith(SIGNATURE_START)
                    ? line.substring(SIGNATURE_START.length()).split(" ", -1)
                    : new String[0];
            if (parts.length != 2) {
                throw new MalformedNoteException("a signature line is a dash, a name and base64");
            }
            try {
                byte[] all = Base64.getDecoder().decode(parts[1]);
                if (all.length < 5) {
                    throw new MalformedNoteException("a signature has more than 4 bytes");
                }
                int keyId = java.nio.ByteBuffer.wrap(all).getInt();
                return new Signature(parts[0], keyId, Arrays.copyOfRange(all, 4, all.length));
            } catch (IllegalArgumentException e) {
                throw new MalformedNoteException("a signature line's name or base64 is malformed");
            }
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Signature s && line().equals(s.line());
        }

        @Override
        public int hashCode() {
            return line().hashCode();
        }

        @Override
        public String toString() {
            return name + "+" + HexFormat.of().toHexDigits(keyId);
        }
    }

    /** @throws MalformedNoteException when it is not a signed note */
    public static SignedNote parse(String note) {
        int end = note.lastIndexOf("\n\n");
        if (note.length() > CHARS_MAX || end < 0 || end + 2 >= note.length() || !note.endsWith("\n")) {
            throw new MalformedNoteException("a signed note is text, an empty line, and signatures");
        }
        List<Signature> signatures = new ArrayList<>();
        for (String line : note.substring(end + 2, note.length() - 1).split("\n", -1)) {
            signatures.add(Signature.parse(line));
        }
        return new SignedNote(note.substring(0, end + 1), signatures);
    }

    /** The note as it is stored and sent. */
    public String format() {
        StringBuilder note = new StringBuilder(text).append('\n');
        signatures.forEach(signature -> note.append(signature.line()).append('\n'));
        return note.toString();
    }

    /** The same text with one more signature. */
    public SignedNote with(Signature signature) {
        List<Signature> more = new ArrayList<>(signatures);
        more.add(signature);
        return new SignedNote(text, more);
    }

    /** A name is 1 to 128 visible ASCII characters without {@code +}; the standard allows more, we do not need it. */
    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a name has 1 to 128 visible ASCII characters without +");
        }
    }
}
