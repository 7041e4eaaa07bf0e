package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.peer.SecretFile;
import io.bloodnet.imaging.peer.SecretFile.UnusableSecretException;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the server signs in to the archive: headers that go with each request below the archive's base address and nowhere else. Secrets are
 * read from their files at each request, so that a changed password or token needs no restart. Implementations are safe for many threads.
 */
@FunctionalInterface
public interface ArchiveSignIn {

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
            String pair = user + ":" + secret(passwordFile);
            String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
            return Map.of("Authorization", "Basic " + encoded);
        };
    }

    /** A token in the file's first line (RFC 6750). */
    static ArchiveSignIn bearer(Path tokenFile) {
        return _ -> Map.of("Authorization", sendable("Bearer " + secret(tokenFile)));
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
        try {
            return SecretFile.headers(file);
        } catch (UnusableSecretException e) {
            throw refusedFile("the file with the archive's headers", e);
        }
    }

    private static String secret(Path file) {
        try {
            return SecretFile.read(file);
        } catch (UnusableSecretException e) {
            throw refusedFile("the file with the archive's secret", e);
        }
    }

    private static String sendable(String text) {
        try {
            return SecretFile.sendable(text);
        } catch (UnusableSecretException e) {
            throw refusedFile("the file with the archive's secret", e);
        }
    }

    private static StudySourceException refusedFile(String what, UnusableSecretException e) {
        return new StudySourceException(Code.REFUSED, what + " cannot be used: " + e.getMessage(), e);
    }
}
