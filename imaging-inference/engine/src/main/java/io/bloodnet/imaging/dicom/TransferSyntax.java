package io.bloodnet.imaging.dicom;

/** Transfer Syntax UIDs (PS3.5 Annex A) that are treated apart. All others are read as Explicit VR Little Endian with encapsulated frames. */
public final class TransferSyntax {

    public static final String IMPLICIT_VR_LE = "1.2.840.10008.1.2";
    public static final String EXPLICIT_VR_LE = "1.2.840.10008.1.2.1";
    public static final String DEFLATED_EXPLICIT_VR_LE = "1.2.840.10008.1.2.1.99";
    public static final String EXPLICIT_VR_BE = "1.2.840.10008.1.2.2";
    public static final String JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57";
    public static final String JPEG_LOSSLESS_SV1 = "1.2.840.10008.1.2.4.70";
    public static final String JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90";
    public static final String JPEG_2000 = "1.2.840.10008.1.2.4.91";
    public static final String JPEG_LS_LOSSLESS = "1.2.840.10008.1.2.4.80";
    public static final String JPEG_LS = "1.2.840.10008.1.2.4.81";
    public static final String HTJ2K_LOSSLESS = "1.2.840.10008.1.2.4.201";
    public static final String HTJ2K_LOSSLESS_RPCL = "1.2.840.10008.1.2.4.202";
    public static final String HTJ2K = "1.2.840.10008.1.2.4.203";
    public static final String JPEG_BASELINE = "1.2.840.10008.1.2.4.50";
    public static final String RLE_LOSSLESS = "1.2.840.10008.1.2.5";

    private TransferSyntax() {}

    /** Whether Pixel Data comes as plain words and not in fragments. */
    public static boolean isNative(String uid) {
        return switch (uid) {
            case IMPLICIT_VR_LE, EXPLICIT_VR_LE, DEFLATED_EXPLICIT_VR_LE, EXPLICIT_VR_BE -> true;
            default -> false;
        };
    }
}
