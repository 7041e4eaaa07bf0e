package io.bloodnet.fhir.eventin;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.hl7.fhir.r4.model.Resource;

/**
 * FHIR events have no message id of their own. The resource's id and version name one, with a digest of its bytes, since servers without
 * versions send different content under one name. The same bytes again are the same message.
 */
final class MessageIds {

    private static final int DIGEST_CHARS = 32;

    private MessageIds() {}

    /** {@code ImagingStudy/1/_history/3#digest}. */
    static String of(Resource resource, byte[] body) {
        String version = resource.getMeta().getVersionId();
        String id = resource.fhirType() + "/" + resource.getIdElement().getIdPart();
        return id + (version == null || version.length() > 64 ? "" : "/_history/" + version) + "#" + digest(body);
    }

    /** For what has no id: {@code #digest}. */
    static String of(byte[] body) {
        return "#" + digest(body);
    }

    private static String digest(byte[] body) {
        return sha256(body).substring(0, DIGEST_CHARS);
    }

    /** SHA-256 in hex. */
    static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
