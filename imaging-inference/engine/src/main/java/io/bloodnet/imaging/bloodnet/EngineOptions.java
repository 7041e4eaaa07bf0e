package io.bloodnet.imaging.bloodnet;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;

/** How every session of ONNX Runtime is set up here, the network's and those that measure the engine. */
public final class EngineOptions {

    private EngineOptions() {}

    /** Fresh options; the caller closes them once the session is created. */
    public static OrtSession.SessionOptions create() throws OrtException {
        OnnxEngine.environment(); // before anything else of the library, so that it never reports
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        // Several callers with one thread each beat one caller with several, and leave no thread spinning between runs.
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        return options;
    }
}
