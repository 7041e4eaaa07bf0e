package io.bloodnet.imaging.bloodnet;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.imaging.bloodnet.ModelBundleException.Code;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.peer.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder with {@code model.onnx} and {@code model.json}, read and checked once.
 *
 * @param model id, version and hash, as every result carries them
 * @param operatingPoint where a study counts as positive
 * @param offered the operating points that the bundle comes with, in its order; what the site chose need not be one of them
 * @param maskThreshold probability from which a voxel counts as blood, in (0, 1)
 * @param graph the bytes of {@code model.onnx} that were hashed, tens of megabytes; not to be changed; empty once the graph is loaded
 */
public record ModelBundle(
        ModelId model,
        OperatingPoint operatingPoint,
        List<OperatingPoint> offered,
        double maskThreshold,
        byte[] graph) {

    /** Name of the manifest inside the folder. */
    public static final String MANIFEST = "model.json";

    /** Name of the graph inside the folder. */
    public static final String GRAPH = "model.onnx";

    private static final double MASK_THRESHOLD_DEFAULT = 0.5;
    private static final long MANIFEST_BYTES_MAX = 4L << 20;
    private static final long GRAPH_BYTES_MAX = 512L << 20;

    /**
     * The site's threshold.
     *
     * @param name what it was chosen for
     * @param threshold in (0, 1)
     */
    public record OperatingPoint(String name, double threshold) {

        public OperatingPoint {
            requireOpenUnit("threshold of operating point", threshold);
        }
    }

    /**
     * Reads a bundle.
     *
     * @throws ModelBundleException when a file is missing, broken or not the one that the manifest names
     */
    public static ModelBundle load(Path folder) {
        JsonNode manifest = manifest(read(folder.resolve(MANIFEST), Code.MANIFEST_MISSING, MANIFEST_BYTES_MAX));
        byte[] graph = read(folder.resolve(GRAPH), Code.GRAPH_MISSING, GRAPH_BYTES_MAX);
        String expected = text(manifest, "sha256");
        String actual = Sha256.hex(graph);
        if (!actual.equalsIgnoreCase(expected)) {
            throw new ModelBundleException(
                    Code.HASH_MISMATCH, GRAPH + " has SHA-256 " + actual + ", " + MANIFEST + " names another");
        }
        try {
            return new ModelBundle(
                    new ModelId(text(manifest, "id"), text(manifest, "version"), actual),
                    operatingPoint(manifest),
                    offered(manifest),
                    maskThreshold(manifest),
                    graph);
        } catch (IllegalArgumentException e) {
            throw new ModelBundleException(Code.MANIFEST_INVALID, MANIFEST + ": " + e.getMessage(), e);
        }
    }

    public ModelBundle {
        offered = List.copyOf(offered);
        requireOpenUnit("maskThreshold", maskThreshold);
    }

    /** The same model with a threshold that the site chose, in (0, 1); nothing changes where that is the model's own. */
    public ModelBundle withThreshold(double threshold) {
        return threshold == operatingPoint.threshold()
                ? this
                : new ModelBundle(model, new OperatingPoint("site", threshold), offered, maskThreshold, graph);
    }

    /** What is left to know once the graph is loaded: everything but its bytes. */
    ModelBundle withoutGraph() {
        return new ModelBundle(model, operatingPoint, offered, maskThreshold, new byte[0]);
    }

    /** What the site chose; null for the model's own operating point. */
    public @Nullable Double siteThreshold() {
        return offered.contains(operatingPoint) ? null : operatingPoint.threshold();
    }

    private static byte[] read(Path file, Code missing, long bytesMax) {
        try {
            long size = Files.size(file);
            if (size > bytesMax) {
                throw new ModelBundleException(
                        Code.TOO_LARGE, file.getFileName() + " has " + size + " bytes, the limit is " + bytesMax);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ModelBundleException(missing, "the model bundle has no " + file.getFileName(), e);
        } catch (IOException e) {
            throw new ModelBundleException(missing, file.getFileName() + " of the model bundle cannot be read", e);
        }
    }

    private static JsonNode manifest(byte[] json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (JacksonException e) {
            throw new ModelBundleException(Code.MANIFEST_INVALID, MANIFEST + " is no JSON", e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory", e);
        }
    }

    private static String text(JsonNode manifest, String field) {
        String text = manifest.path(field).asText("");
        if (text.isBlank()) {
            throw new ModelBundleException(Code.MANIFEST_INVALID, MANIFEST + " has no " + field);
        }
        return text;
    }

    /** The one marked as default; a single one needs no mark. */
    private static OperatingPoint operatingPoint(JsonNode manifest) {
        JsonNode points = manifest.path("operatingPoints");
        for (JsonNode point : points) {
            if (point.path("default").asBoolean(points.size() == 1)) {
                return operatingPointOf(point);
            }
        }
        throw new ModelBundleException(
                Code.MANIFEST_INVALID,
                MANIFEST + " marks none of its " + points.size() + " operating points as default");
    }

    private static List<OperatingPoint> offered(JsonNode manifest) {
        List<OperatingPoint> offered = new ArrayList<>();
        manifest.path("operatingPoints").forEach(point -> offered.add(operatingPointOf(point)));
        return offered;
    }

    private static OperatingPoint operatingPointOf(JsonNode point) {
        return new OperatingPoint(
                point.path("name").asText(""), point.path("threshold").asDouble(Double.NaN));
    }

    private static double maskThreshold(JsonNode manifest) {
        JsonNode threshold = manifest.path("maskThreshold");
        return threshold.isMissingNode() || threshold.isNull()
                ? MASK_THRESHOLD_DEFAULT
                : threshold.asDouble(Double.NaN);
    }

    private static void requireOpenUnit(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(what + " " + value + " is not between 0 and 1");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ModelBundle that
                && model.equals(that.model)
                && operatingPoint.equals(that.operatingPoint)
                && offered.equals(that.offered)
                && maskThreshold == that.maskThreshold;
    }

    @Override
    public int hashCode() {
        return model.hashCode();
    }

    @Override
    public String toString() {
        return "ModelBundle[" + model.id() + " " + model.version() + "]";
    }
}
