package io.bloodnet.imaging.folder;

/** A folder that cannot be read as one study. The message is one clear line without patient data. */
public final class BadFolderException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Code {
        /** There is no such folder, or it cannot be listed. */
        NOT_A_FOLDER,
        /** No file in it is readable DICOM. */
        NO_DICOM,
        /** Slices of several studies. */
        SEVERAL_STUDIES,
        /** Slices of several patients under one study. */
        SEVERAL_PATIENTS,
        /** More files than the limit. */
        TOO_MANY_FILES
    }

    private final Code code;

    BadFolderException(Code code, String message) {
        super(message);
        this.code = code;
    }

    BadFolderException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
