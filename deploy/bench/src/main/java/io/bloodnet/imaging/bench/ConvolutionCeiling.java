package io.bloodnet.imaging.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.bloodnet.imaging.bloodnet.EngineOptions;
import io.bloodnet.imaging.bloodnet.OnnxEngine;
import io.bloodnet.imaging.bloodnet.OnnxGraph;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/** What the engine can do at best: a stack of 3 x 3 convolutions of 64 channels, nothing else, with the same options as the network. */
final class ConvolutionCeiling implements AutoCloseable {

    private static final int CHANNELS = 64;
    private static final int SIDE = 128;
    private static final int LAYERS = 10;

    private final OrtSession session;
    private final OnnxTensor input;

    ConvolutionCeiling() throws OrtException {
        OnnxGraph graph = new OnnxGraph().input("x0", "1", "" + CHANNELS, "" + SIDE, "" + SIDE);
        float[] weights = new float[CHANNELS * CHANNELS * 9];
        Arrays.fill(weights, 1f / weights.length);
        graph.floats("w", new long[] {CHANNELS, CHANNELS, 3, 3}, weights);
        for (int layer = 0; layer < LAYERS; layer++) {
            graph.node("Conv", "x" + (layer + 1), "pads", new long[] {1, 1, 1, 1}, "x" + layer, "w");
        }
        graph.output("x" + LAYERS, "1", "" + CHANNELS, "" + SIDE, "" + SIDE);
        try (OrtSession.SessionOptions options = EngineOptions.create()) {
            session = OnnxEngine.environment().createSession(graph.toBytes(), options);
        }
        FloatBuffer values = ByteBuffer.allocateDirect(CHANNELS * SIDE * SIDE * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, i % 7 - 3);
        }
        input = OnnxTensor.createTensor(OnnxEngine.environment(), values, new long[] {1, CHANNELS, SIDE, SIDE});
    }

    /** Floating point operations of one run. */
    static double flops() {
        return 2.0 * LAYERS * CHANNELS * CHANNELS * 9 * SIDE * SIDE;
    }

    /** One run in the caller's thread; safe for many. */
    void run() throws OrtException {
        session.run(Map.of("x0", input)).close();
    }

    @Override
    public void close() throws OrtException {
        input.close();
        session.close();
    }
}
