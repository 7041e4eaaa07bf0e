package io.bloodnet.imaging.bloodnet;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * The one way to ONNX Runtime. Its official builds (Linux from 1.29, Windows before) report each session to their maker unless they are told
 * not to before the environment exists: host, process, the model's names and hashes, with an identifier and a store in the user's home. A
 * hospital's server tells nobody anything of the kind; besides, 1.29 crashes in that code where there is no shell and where the command line
 * is long (microsoft/onnxruntime issue 32173). Safe for all threads.
 */
public final class OnnxEngine {

    /** Read once by the library, when its environment is made. */
    static final String TELEMETRY_OFF = "ORT_DISABLE_TELEMETRY";

    private static final OrtEnvironment ENVIRONMENT = open();

    private OnnxEngine() {}

    /** The process's environment, without telemetry; errors alone are logged. It lives as long as the process. */
    public static OrtEnvironment environment() {
        return ENVIRONMENT;
    }

    /** Such as {@code ONNX Runtime 1.29.0}. */
    public static String name() {
        return "ONNX Runtime " + ENVIRONMENT.getVersion();
    }

    private static OrtEnvironment open() {
        setEnvironmentVariable(TELEMETRY_OFF, "1");
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        try {
            environment.setTelemetry(false); // what a build says that does not read the variable
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime cannot be told to report nothing", e);
        }
        return environment;
    }

    /** For native code alone: {@link System#getenv} keeps what the process started with. Where there is no setenv (Windows), nothing. */
    @SuppressWarnings("restricted") // native access is enabled for the whole application
    private static void setEnvironmentVariable(String name, String value) {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
        if (setenv.isEmpty()) {
            return;
        }
        FunctionDescriptor type = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        try (Arena arena = Arena.ofConfined()) {
            int failed = (int) linker.downcallHandle(setenv.get(), type)
                    .invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
            if (failed != 0) {
                throw new IllegalStateException("setenv refused " + name);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("setenv cannot be called", e);
        }
    }
}
