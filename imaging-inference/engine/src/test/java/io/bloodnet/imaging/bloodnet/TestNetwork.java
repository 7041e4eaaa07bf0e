package io.bloodnet.imaging.bloodnet;

import io.bloodnet.imaging.finding.ModelId;
import java.util.List;

/**
 * A network whose answers can be told beforehand: blood is what the centre slice has between 60 and 100 HU; the probability grows with the
 * soft volume v as v / (v + 1 mL).
 */
public final class TestNetwork {

    private TestNetwork() {}

    /** What the graph answers as probability. */
    public enum Probability {
        BY_VOLUME,
        NOT_A_NUMBER,
        TWO
    }

    /** The test network as a bundle with threshold 0.5. */
    public static ModelBundle bundle(Probability probability) {
        return bundle(graph(probability, "hu", "512"));
    }

    static ModelBundle bundle(byte[] graph) {
        ModelId id = new ModelId("test-network", "1", "0".repeat(64));
        ModelBundle.OperatingPoint point = new ModelBundle.OperatingPoint("test", 0.5);
        return new ModelBundle(id, point, List.of(point), 0.5, graph);
    }

    /** The graph; with another name or size of the first input it no longer has the interface of a model graph. */
    static byte[] graph(Probability probability, String huName, String side) {
        OnnxGraph graph = new OnnxGraph()
                .input(huName, "M", side, side)
                .input("voxel_ml", "N")
                .output("probability", "N")
                .output("mask", "N", side, side)
                .output("soft_volume_ml", "N")
                .integers("from", 2)
                .integers("to", -2)
                .integers("axis", 0)
                .integers("plane", 1, 2)
                .floats("low", new long[] {1}, 59.5f)
                .floats("high", new long[] {1}, 100.5f)
                .floats("steep", new long[] {1}, 2)
                .floats("unit", new long[] {1}, 1)
                .floats("two", new long[] {1}, 2)
                .node("Slice", "centre", huName, "from", "to", "axis")
                .node("Sub", "above", "centre", "low")
                .node("Sub", "below", "high", "centre")
                .node("Min", "inside", "above", "below")
                .node("Mul", "logit", "inside", "steep")
                .node("Sigmoid", "mask", "logit")
                .node("ReduceSum", "voxels", "keepdims", 0, "mask", "plane")
                .node("Mul", "soft_volume_ml", "voxels", "voxel_ml")
                .node("Add", "more", "soft_volume_ml", "unit");
        switch (probability) {
            case BY_VOLUME -> graph.node("Div", "probability", "soft_volume_ml", "more");
            case NOT_A_NUMBER -> graph.node("Neg", "negative", "more").node("Sqrt", "probability", "negative");
            case TWO -> graph.node("Div", "one", "more", "more").node("Mul", "probability", "one", "two");
        }
        return graph.toBytes();
    }
}
