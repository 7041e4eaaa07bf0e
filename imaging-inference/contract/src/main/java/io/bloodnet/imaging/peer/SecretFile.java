package io.bloodnet.imaging.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A secret in a file: the first line, without blanks at its ends. Whoever uses a secret reads it anew at each use, so that a changed
 * password or token needs no restart. Stateless.
 */
public final class SecretFile {

    /** Bytes of a secret's file, and of a file with headers. */
    public static final int BYTES_MAX = 16 << 10;

    /** Characters of a header's value. */
    public static final int VALUE_CHARACTERS_MAX = 8_192;

    /** RFC 9110 5.1. */
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

    private SecretFile() {}

    /** A file that holds no secret that can be used. The message says why, and nothing of the file's content. */
    public static final class UnusableSecretException extends Exception {
        UnusableSecretException(String message) {
            super(message);
        }
    }

    /** The secret. @throws UnusableSecretException when there is none */
    public static String read(Path file) throws UnusableSecretException {
        String secret = password(file);
        if (secret.isEmpty()) {
            throw new UnusableSecretException("the first line is empty");
        }
        return secret;
    }

    /** A password, which may be empty. @throws UnusableSecretException when the file cannot be read or is too long */
    public static String password(Path file) throws UnusableSecretException {
        return text(file).lines().findFirst().orElse("").strip();
    }

    /** Headers, {@code Name: value} a line. @throws UnusableSecretException when a line is no header that can be sent */
    public static Map<String, String> headers(Path file) throws UnusableSecretException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : text(file).lines().filter(each -> !each.isBlank()).toList()) {
            int colon = line.indexOf(':');
            if (colon < 1 || !HEADER_NAME.matcher(line.substring(0, colon)).matches()) {
                throw new UnusableSecretException("a line is no 'Name: value'");
            }
            headers.put(
                    line.substring(0, colon), sendable(line.substring(colon + 1).strip()));
        }
        return headers;
    }

    /** The text as a header's value. @throws UnusableSecretException when it would end the header's line or is too long */
    public static String sendable(String text) throws UnusableSecretException {
        if (text.length() > VALUE_CHARACTERS_MAX || !text.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw new UnusableSecretException("a header would be too long or is not printable");
        }
        return text;
    }

    private static String text(Path file) throws UnusableSecretException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new UnusableSecretException("the file has more than " + BYTES_MAX + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new UnusableSecretException("the file cannot be read");
        }
    }
}
