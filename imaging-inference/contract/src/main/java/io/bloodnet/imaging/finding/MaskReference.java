package io.bloodnet.imaging.finding;

/**
 * The DICOM SEG in the PACS.
 *
 * @param sopInstanceUid of the SEG
 * @param seriesUid of the SEG's series
 * @param url WADO-RS URL of the instance at the configured PACS
 * @param sizeBytes length of the Part 10 file
 * @param sha1Base64 SHA-1 of the Part 10 file in base64, as FHIR R4's Attachment.hash wants it
 */
public record MaskReference(String sopInstanceUid, String seriesUid, String url, long sizeBytes, String sha1Base64) {}
