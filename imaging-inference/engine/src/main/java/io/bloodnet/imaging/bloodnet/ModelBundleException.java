package io.bloodnet.imaging.bloodnet;

/** The model bundle cannot be used. Found at start, never while a study waits. */
public final class ModelBundleException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Code {
        /** There is no {@code model.json}. */
        MANIFEST_MISSING,
        /** {@code model.json} is no JSON, lacks a field, or has a value out of range. */
        MANIFEST_INVALID,
        /** There is no {@code model.onnx}. */
        GRAPH_MISSING,
        /** {@code model.onnx} is not the file that the manifest names by its SHA-256. */
        HASH_MISMATCH,
        /** A file over its limit. */
        TOO_LARGE,
        /** ONNX Runtime cannot load the graph. */
        GRAPH_INVALID,
        /** Names, types or shapes of inputs or outputs are not those of the model graph. */
        WRONG_INTERFACE,
        /** The graph loads but does not run, or gives no probability. */
        DOES_NOT_RUN
    }

    private final Code code;

    ModelBundleException(Code code, String message) {
        super(message);
        this.code = code;
    }

    ModelBundleException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
