package io.bloodnet.imaging.finding;

import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.peer.Sha256;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What makes a result this result: the study, the model, the input, and the threshold where the site chose its own. Every identifier that leaves us derives from it, so that sending
 * again creates nothing new (promise 3).
 *
 * @param studyUid the study
 * @param modelVersion the model bundle's version
 * @param inputDigest hexadecimal SHA-256 of the input, or the reason's name where the study was not analyzed; at least 4 characters
 * @param siteThreshold what the site chose in place of the model's own operating point, in (0, 1); null for the model's own, and where
 *     nothing was analyzed
 * @param edition 0, or how often this very result was withdrawn before and told anew: what is withdrawn at a receiver stays so
 */
public record ResultKey(
        StudyUid studyUid,
        String modelVersion,
        String inputDigest,
        @Nullable Double siteThreshold,
        int edition) {

    private static final int MSH10_LENGTH = 20;

    /** Refuses a negative edition. */
    public ResultKey {
        if (edition < 0) {
            throw new IllegalArgumentException("edition must be 0 or more, is " + edition);
        }
    }

    /** A key of a result that was never withdrawn. */
    public ResultKey(StudyUid studyUid, String modelVersion, String inputDigest, @Nullable Double siteThreshold) {
        this(studyUid, modelVersion, inputDigest, siteThreshold, 0);
    }

    /** The same result, told anew. */
    public ResultKey inEdition(int other) {
        return new ResultKey(studyUid, modelVersion, inputDigest, siteThreshold, other);
    }

    /** Whether both name one result, in whatever edition. */
    public boolean isOfSameResult(ResultKey other) {
        return inEdition(0).equals(other.inEdition(0));
    }

    /** The key of a finding under a model, at the threshold that the site chose, null for the model's own. */
    public static ResultKey of(Finding finding, ModelId model, @Nullable Double siteThreshold) {
        return switch (finding) {
            case Finding.Analyzed a -> new ResultKey(a.studyUid(), a.model().version(), a.inputDigest(), siteThreshold);
            case Finding.NotAnalyzed n ->
                new ResultKey(n.studyUid(), model.version(), n.reason().name(), null);
        };
    }

    /**
     * FHIR identifier value: {@code <StudyInstanceUID>-<modelVersion>-<first 8 of the digest>}, then {@code -t<threshold>} where the site
     * chose its own, then {@code -e<edition>} where the result was withdrawn before; free of {@code | , $}.
     */
    public String identifier() {
        String digest = inputDigest.substring(0, Math.min(8, inputDigest.length()));
        String threshold = siteThreshold == null ? "" : "-t" + siteThreshold;
        String again = edition == 0 ? "" : "-e" + edition;
        return (studyUid.value() + "-" + modelVersion + "-" + digest + threshold + again)
                .replaceAll("[^A-Za-z0-9.\\-_]", "_");
    }

    /** A UID under 2.25 (PS3.5 B.2) for the named purpose ({@code seg}, {@code seg-series}); the same result gives the same UID. */
    public String uid(String purpose) {
        byte[] half = Arrays.copyOf(digest(purpose), 16);
        half[6] = (byte) (half[6] & 0x0f | 0x80); // RFC 9562 version 8: custom hash
        half[8] = (byte) (half[8] & 0x3f | 0x80); // RFC 9562 variant
        return "2.25." + new BigInteger(1, half);
    }

    /** HL7 MSH-10 for the named purpose: 20 characters of [0-9A-F], the longest that 2.5.1 allows. */
    public String messageControlId(String purpose) {
        String named = edition == 0 ? purpose : purpose + "\n" + edition;
        return HexFormat.of().withUpperCase().formatHex(digest(named)).substring(0, MSH10_LENGTH);
    }

    private byte[] digest(String purpose) {
        String all = String.join("\n", purpose, studyUid.value(), modelVersion, inputDigest);
        return Sha256.of(siteThreshold == null ? all : all + "\n" + siteThreshold);
    }
}
