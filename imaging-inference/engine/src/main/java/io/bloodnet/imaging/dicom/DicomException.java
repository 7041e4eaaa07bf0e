package io.bloodnet.imaging.dicom;

/** Input that is not the DICOM it claims to be, or exceeds a limit. The message names tag, offset and limit, never a value. */
public final class DicomException extends RuntimeException {

    /** What was wrong, stable enough to be counted. */
    public enum Code {
        /** Neither a Part 10 preamble nor recognisable file meta information. */
        NOT_DICOM,
        /** A length points beyond the end of what contains it. */
        TRUNCATED,
        /** More bytes, pixels or characters than {@link DicomLimits} allows. */
        TOO_LARGE,
        /** Sequences nested deeper than {@link DicomLimits#maxDepth()}. */
        TOO_DEEP,
        /** More elements, items or fragments than {@link DicomLimits#maxElements()}. */
        TOO_MANY_ELEMENTS,
        /** Delimiters, items, tags, VRs or lengths where the encoding rules do not allow them. */
        INVALID_STRUCTURE,
        /** The same tag twice in one data set: which one counts would be a guess. */
        DUPLICATE_ELEMENT,
        /** An element that is needed is absent or empty. */
        MISSING_ELEMENT,
        /** An element has a VR that the standard does not give it. */
        WRONG_VR,
        /** A value that its VR or its use does not allow. */
        INVALID_VALUE,
        /** A UID of other characters or more than 64 of them (PS3.5 section 9.1). */
        INVALID_UID,
        /** A data set encoding that is not written (Explicit VR Big Endian). */
        UNSUPPORTED_TRANSFER_SYNTAX,
        /** Pixels that are no single-channel 8 or 16 bit image. */
        UNSUPPORTED_PIXEL_FORMAT,
        /** Pixel Data that is shorter or longer than rows x columns x frames say, or a frame that does not exist. */
        PIXEL_DATA_MISMATCH,
        /** A compressed frame or data set that its codec cannot decode. */
        CORRUPT_COMPRESSION,
        /** File meta information and data set name different instances. */
        INCONSISTENT,
        /** Not the DICOM JSON Model (PS3.18 Annex F). */
        INVALID_JSON
    }

    private static final long serialVersionUID = 1L;

    private final Code code;

    public DicomException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public DicomException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
