package io.bloodnet.imaging.dicom;

/**
 * A Part 10 file.
 *
 * @param meta file meta information, group 0002
 * @param dataSet everything after it
 */
public record DicomFile(DicomObject meta, DicomObject dataSet) {

    /** Named in every file that we write (PS3.10 table 7.1-1); made from a random UUID (PS3.5 Annex B.2). */
    static final String IMPLEMENTATION_CLASS_UID = "2.25.301293164462634736179443727954691823619";

    private static final String IMPLEMENTATION_VERSION_NAME = "BLOODNET_CDS";

    /** A file around a data set that carries its SOP Class and SOP Instance UID. */
    public static DicomFile of(DicomObject dataSet, String transferSyntaxUid) {
        DicomObject meta = DicomObject.builder()
                .bytes(Tag.FILE_META_INFORMATION_VERSION, Vr.OB, new byte[] {0, 1})
                .string(Tag.MEDIA_STORAGE_SOP_CLASS_UID, Vr.UI, dataSet.requiredUid(Tag.SOP_CLASS_UID))
                .string(Tag.MEDIA_STORAGE_SOP_INSTANCE_UID, Vr.UI, dataSet.requiredUid(Tag.SOP_INSTANCE_UID))
                .string(Tag.TRANSFER_SYNTAX_UID, Vr.UI, transferSyntaxUid)
                .string(Tag.IMPLEMENTATION_CLASS_UID, Vr.UI, IMPLEMENTATION_CLASS_UID)
                .string(Tag.IMPLEMENTATION_VERSION_NAME, Vr.SH, IMPLEMENTATION_VERSION_NAME)
                .build();
        return new DicomFile(meta, dataSet);
    }

    /** How the data set and its pixels are encoded. */
    public String transferSyntaxUid() {
        return meta.requiredUid(Tag.TRANSFER_SYNTAX_UID);
    }
}
