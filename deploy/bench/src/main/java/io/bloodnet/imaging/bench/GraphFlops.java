package io.bloodnet.imaging.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.imaging.bloodnet.EngineOptions;
import io.bloodnet.imaging.bloodnet.OnnxEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Counts a graph's floating point operations from the shapes that the engine itself reports when it profiles a run. */
final class GraphFlops {

    private GraphFlops() {}

    /** Multiplications and additions in convolutions and matrix products of one run; what else runs is small beside them. */
    static double count(byte[] graph, Map<String, OnnxTensor> inputs) throws OrtException, IOException {
        Path folder = Files.createTempDirectory("bloodnet-bench");
        try (OrtSession.SessionOptions options = EngineOptions.create()) {
            // Unfused and in plain layout, so that shapes are those of the graph.
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            options.enableProfiling(folder.resolve("profile").toString());
            Path profile;
            try (OrtSession session = OnnxEngine.environment().createSession(graph, options)) {
                session.run(inputs).close();
                profile = Path.of(session.endProfiling());
            }
            double flops = sum(new ObjectMapper().readTree(profile.toFile()));
            Files.delete(profile);
            return flops;
        } finally {
            Files.deleteIfExists(folder);
        }
    }

    private static double sum(JsonNode events) {
        double flops = 0;
        for (JsonNode event : events) {
            JsonNode args = event.path("args");
            double outputs = product(args.path("output_type_shape").path(0), 0);
            JsonNode weights = args.path("input_type_shape").path(1);
            flops += switch (args.path("op_name").asText("")) {
                // Weights are [out, in / group, rows, columns]: each output sums over all but the first.
                case "Conv" -> 2 * outputs * product(weights, 1);
                // Weights are [in, out]; transposed ones have the same product.
                case "MatMul", "Gemm" ->
                    2 * product(args.path("input_type_shape").path(0), 0) * lastOf(args);
                default -> 0;
            };
        }
        return flops;
    }

    private static double lastOf(JsonNode args) {
        JsonNode shape = shape(args.path("output_type_shape").path(0));
        return shape.path(shape.size() - 1).asDouble(1);
    }

    private static double product(JsonNode typed, int from) {
        JsonNode shape = shape(typed);
        double product = shape.isEmpty() ? 0 : 1;
        for (int i = from; i < shape.size(); i++) {
            product *= shape.get(i).asDouble();
        }
        return product;
    }

    /** {@code {"float": [1, 64, 128, 128]}} to its list. */
    private static JsonNode shape(JsonNode typed) {
        return typed.isEmpty() ? typed : typed.elements().next();
    }
}
