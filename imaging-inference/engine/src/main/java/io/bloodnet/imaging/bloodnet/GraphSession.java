package io.bloodnet.imaging.bloodnet;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.bloodnet.imaging.bloodnet.ModelBundleException.Code;
import java.util.Arrays;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens an ONNX Runtime session on a provider that truly works, and checks that the graph is a BloodNet graph (DESIGN, "Model graph"). */
final class GraphSession {

    static final String HU = "hu";
    static final String VOXEL_ML = "voxel_ml";
    static final String PROBABILITY = "probability";
    static final String MASK = "mask";
    static final String SOFT_VOLUME_ML = "soft_volume_ml";

    private static final Logger LOG = LoggerFactory.getLogger(GraphSession.class);

    private GraphSession() {}

    /** A session and where it runs. */
    record Opened(OrtSession session, ExecutionProvider provider) {}

    /** Runs the session once; {@code throws} when it does not work. */
    @FunctionalInterface
    interface WarmUp {
        void run(OrtSession session) throws OrtException;
    }

    /**
     * CUDA is asked first when wanted. Without its libraries adding it fails; with libraries but no driver adding it succeeds and
     * creating the session fails; so only a session that has run once counts, and falling back starts from fresh options.
     */
    static Opened open(ModelBundle bundle, ExecutionProvider wanted, WarmUp warmUp) {
        if (wanted == ExecutionProvider.CUDA) {
            try {
                return new Opened(create(bundle, ExecutionProvider.CUDA, warmUp), ExecutionProvider.CUDA);
            } catch (OrtException | UnsatisfiedLinkError e) {
                LOG.warn("CUDA does not work here ({}), next: CPU", firstLine(e));
            }
        }
        try {
            return new Opened(create(bundle, ExecutionProvider.CPU, warmUp), ExecutionProvider.CPU);
        } catch (OrtException e) {
            Code code = e.getCode() == OrtException.OrtErrorCode.ORT_INVALID_PROTOBUF
                            || e.getCode() == OrtException.OrtErrorCode.ORT_INVALID_GRAPH
                    ? Code.GRAPH_INVALID
                    : Code.DOES_NOT_RUN;
            throw new ModelBundleException(code, "ONNX Runtime cannot use the graph: " + firstLine(e), e);
        }
    }

    private static OrtSession create(ModelBundle bundle, ExecutionProvider provider, WarmUp warmUp)
            throws OrtException {
        OrtEnvironment environment = OnnxEngine.environment();
        OrtSession session;
        try (OrtSession.SessionOptions options = EngineOptions.create()) {
            if (provider == ExecutionProvider.CUDA) {
                requireBuiltIn(OrtProvider.CUDA);
                options.addCUDA();
            }
            session = environment.createSession(bundle.graph(), options);
        }
        try {
            requireInterface(session);
            warmUp.run(session);
            return session;
        } catch (OrtException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static void requireBuiltIn(OrtProvider provider) throws OrtException {
        if (!OrtEnvironment.getAvailableProviders().contains(provider)) {
            throw new OrtException("this build of ONNX Runtime has no " + provider);
        }
    }

    private static void requireInterface(OrtSession session) throws OrtException {
        Map<String, NodeInfo> inputs = session.getInputInfo();
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        requireTensor("input", inputs, HU, -1, BloodNet.SIDE, BloodNet.SIDE);
        requireTensor("input", inputs, VOXEL_ML, -1);
        requireTensor("output", outputs, PROBABILITY, -1);
        requireTensor("output", outputs, MASK, -1, BloodNet.SIDE, BloodNet.SIDE);
        requireTensor("output", outputs, SOFT_VOLUME_ML, -1);
        if (inputs.size() != 2) {
            throw new ModelBundleException(
                    Code.WRONG_INTERFACE, "the graph has " + inputs.size() + " inputs instead of hu and voxel_ml");
        }
    }

    /** Dimensions that the graph leaves open are -1 there; the first one must be. */
    private static void requireTensor(String kind, Map<String, NodeInfo> nodes, String name, long... shape) {
        NodeInfo node = nodes.get(name);
        if (node == null) {
            throw new ModelBundleException(
                    Code.WRONG_INTERFACE, "the graph has no " + kind + " " + name + ", but " + nodes.keySet());
        }
        boolean fits = node.getInfo() instanceof TensorInfo info
                && info.type == OnnxJavaType.FLOAT
                && fits(info.getShape(), shape);
        if (!fits) {
            throw new ModelBundleException(
                    Code.WRONG_INTERFACE,
                    kind + " " + name + " is " + node.getInfo() + ", not float " + Arrays.toString(shape));
        }
    }

    private static boolean fits(long[] actual, long[] wanted) {
        if (actual.length != wanted.length || actual[0] != -1) {
            return false;
        }
        for (int i = 1; i < wanted.length; i++) {
            // Exporters leave an inner size open where they cannot follow it; running decides then.
            if (actual[i] != wanted[i] && actual[i] != -1) {
                return false;
            }
        }
        return true;
    }

    private static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
    }
}
