package io.bloodnet.imaging.dicomweb;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/**
 * Which archive, and what one request may take at most.
 *
 * @param baseUrl the DICOMweb root, http or https, without query or user; every request goes below it and nowhere else
 * @param access how to sign in
 * @param connectMax until connected
 * @param responseMax until the answer's headers are there
 * @param stallMax between two pieces of an answer's body
 * @param attemptsMax tries of one request, 1 to 10
 * @param seriesBytesMax bytes of one series or STOW answer
 * @param whole what one call may take in all, with its tries, pauses and the body to its end
 */
public record DicomWebSettings(
        URI baseUrl,
        ArchiveAccess access,
        Duration connectMax,
        Duration responseMax,
        Duration stallMax,
        int attemptsMax,
        long seriesBytesMax,
        Whole whole) {

    /**
     * What one call may take in all: neither a drip nor a chain of tries makes it longer.
     *
     * @param search a search
     * @param headers the metadata of a series
     * @param images a series, or one instance
     * @param upload a mask
     */
    public record Whole(Duration search, Duration headers, Duration images, Duration upload) {

        /** For a hospital's archive. */
        public static final Whole USUAL =
                new Whole(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10), Duration.ofMinutes(1));
    }

    private static final int ATTEMPTS_LIMIT = 10;

    /** Waits for a hospital's archive: slow to begin, then steady. */
    public static DicomWebSettings of(URI baseUrl, ArchiveAccess access) {
        return new DicomWebSettings(
                baseUrl,
                access,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                3,
                2L << 30,
                Whole.USUAL);
    }

    /** @throws IllegalArgumentException naming what is wrong with the address or limit */
    public DicomWebSettings {
        String scheme = String.valueOf(baseUrl.getScheme()).toLowerCase(Locale.ROOT);
        boolean http = scheme.equals("http") || scheme.equals("https");
        if (!http
                || baseUrl.getHost() == null
                || baseUrl.getRawUserInfo() != null
                || baseUrl.getRawQuery() != null
                || baseUrl.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "the DICOMweb address must be http(s)://host[:port]/path without user, query and fragment");
        }
        if (attemptsMax < 1 || attemptsMax > ATTEMPTS_LIMIT) {
            throw new IllegalArgumentException("attemptsMax " + attemptsMax + " not in 1.." + ATTEMPTS_LIMIT);
        }
        String text = baseUrl.toString();
        baseUrl = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    /** Nothing secret. */
    @Override
    public String toString() {
        return "DicomWebSettings[" + baseUrl.getHost() + "]";
    }
}
