package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How the server signs in to the archive: headers that go with each request below the archive's base address and nowhere else. Secrets are
 * read from their files at each request, so that a changed password or token needs no restart. Implementations are safe for many threads.
 */
@FunctionalInterface
public interface ArchiveSignIn {

    /** Bytes of a secret's file, and of a file with headers. */
    int FILE_BYTES_MAX = 16 << 10;

    /** Characters of a header's value. */
    int VALUE_CHARACTERS_MAX = 8_192;

    /**
     * Headers of the next request, by name.
     *
     * @param atMost what asking for a token may take: it is part of the archive call's own time
     * @throws StudySourceException REFUSED when a secret cannot be read or a token is denied; UNREACHABLE, TIMEOUT or BUSY when whoever
     *     gives tokens is away
     */
    Map<String, String> headers(Duration atMost);

    /** The archive answered 401. Whether the same request is worth one more try, because the next headers will be others. */
    default boolean refused() {
        return false;
    }

    /** No sign-in: an archive on a closed network. */
    static ArchiveSignIn none() {
        return _ -> Map.of();
    }

    /** HTTP Basic (RFC 7617) with the password in the file's first line, in UTF-8. @param user without a colon */
    static ArchiveSignIn basic(String user, Path passwordFile) {
        if (user.isBlank() || user.contains(":")) {
            throw new IllegalArgumentException("a user's name has characters other than blanks and no colon");
        }
        return _ -> {
            String pair = user + ":" + firstLine(passwordFile);
            String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
            return Map.of("Authorization", "Basic " + encoded);
        };
    }

    /** A token in the file's first line (RFC 6750). */
    static ArchiveSignIn bearer(Path tokenFile) {
        return _ -> Map.of("Authorization", value("Bearer " + firstLine(tokenFile)));
    }

    /** This sign-in with the headers of a file beside it, {@code Name: value} a line, such as an API key of a gateway. */
    default ArchiveSignIn with(Path headersFile) {
        ArchiveSignIn self = this;
        return new ArchiveSignIn() {
            @Override
            public Map<String, String> headers(Duration atMost) {
                Map<String, String> all = new LinkedHashMap<>(headersOf(headersFile));
                all.putAll(self.headers(atMost));
                return all;
            }

            @Override
            public boolean refused() {
                return self.refused();
            }
        };
    }

    private static Map<String, String> headersOf(Path file) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : text(file).lines().filter(l -> !l.isBlank()).toList()) {
            int colon = line.indexOf(':');
            if (colon < 1 || !Names.TOKEN.matcher(line.substring(0, colon)).matches()) {
                throw new StudySourceException(
                        Code.REFUSED, "a line of the archive's headers file is no 'Name: value'");
            }
            headers.put(
                    line.substring(0, colon), value(line.substring(colon + 1).strip()));
        }
        return headers;
    }

    private static String firstLine(Path file) {
        String line = text(file).lines().findFirst().orElse("").strip();
        if (line.isEmpty()) {
            throw new StudySourceException(Code.REFUSED, "the archive's secret is empty");
        }
        return line;
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw new StudySourceException(
                        Code.REFUSED, "the file with the archive's secret has more than " + FILE_BYTES_MAX + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new StudySourceException(Code.REFUSED, "the file with the archive's secret cannot be read", e);
        }
    }

    /** Refuses what would end the header's line. */
    private static String value(String text) {
        if (text.length() > VALUE_CHARACTERS_MAX || !text.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
            throw new StudySourceException(Code.REFUSED, "a header for the archive is too long or not printable");
        }
        return text;
    }

    /** RFC 9110 5.1. */
    final class Names {

        private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

        private Names() {}
    }
}
