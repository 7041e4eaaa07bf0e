package io.bloodnet.fhir;

import io.bloodnet.imaging.order.StudyUid;
import java.util.List;
import org.hl7.fhir.r4.model.Identifier;
import org.jspecify.annotations.Nullable;

/**
 * The Study Instance UID among the identifiers of a FHIR resource. R4 writes it as {@code urn:dicom:uid | urn:oid:1.2.3} (ImagingStudy,
 * 11.21.4); many EHRs write the plain UID, or an OID as any URI ({@code urn:ietf:rfc:3986}).
 */
public final class StudyIdentifiers {

    /** DICOM's own namespace. */
    public static final String DICOM_UID = "urn:dicom:uid";
    /** The namespace of URIs. */
    public static final String ANY_URI = "urn:ietf:rfc:3986";
    /** Before an OID as URI. */
    public static final String OID = "urn:oid:";

    private StudyIdentifiers() {}

    /** The first UID, null when there is none. */
    public static @Nullable StudyUid uid(List<Identifier> identifiers) {
        return identifiers.stream()
                .filter(Identifier::hasValue)
                .filter(i -> DICOM_UID.equals(i.getSystem())
                        || ANY_URI.equals(i.getSystem()) && i.getValue().strip().startsWith(OID))
                .map(i -> i.getValue().strip())
                .map(value -> value.startsWith(OID) ? value.substring(OID.length()) : value)
                .filter(StudyUid::isUid)
                .findFirst()
                .map(StudyUid::new)
                .orElse(null);
    }

    /** The search tokens under which an EHR may know a study, the standard's first. */
    public static List<String> tokens(StudyUid study) {
        return List.of(
                DICOM_UID + "|" + OID + study.value(),
                DICOM_UID + "|" + study.value(),
                ANY_URI + "|" + OID + study.value());
    }
}
