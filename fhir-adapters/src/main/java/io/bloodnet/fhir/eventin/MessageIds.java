package io.bloodnet.fhir.eventin;

import io.bloodnet.imaging.peer.Sha256;
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
        String idPart = resource.getIdElement().getIdPart();
        String id = resource.fhirType() + (idPart == null ? "" : "/" + idPart);
        return id + (version == null || version.length() > 64 ? "" : "/_history/" + version) + "#" + digest(body);
    }

    /** For what has no id: {@code #digest}. */
    static String of(byte[] body) {
        return "#" + digest(body);
    }

    private static String digest(byte[] body) {
        return Sha256.hex(body).substring(0, DIGEST_CHARS);
    }
}
