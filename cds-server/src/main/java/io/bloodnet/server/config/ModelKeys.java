package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Section {@code model}: which model looks. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record ModelKeys(
        @Nullable String bundle,
        @Nullable Double threshold,
        String provider,
        @JsonProperty("minimum-age") Integer minimumAge) {

    private static final Key.Share THRESHOLD =
            new Key.Share("model.threshold", "bundle's", "operating point, instead of the bundle's own");
    private static final Key.Int MINIMUM_AGE = new Key.Int(
            "model.minimum-age",
            BloodNetAnalyzer.Limits.DEFAULT.ageYearsMin(),
            0,
            120,
            "years",
            "younger patients end `NOT_ANALYZED`, as the model card asks; an age that the images do not tell is not guessed");
    private static final Key.Choice PROVIDER = new Key.Choice(
            "model.provider",
            List.of("cpu", "cuda"),
            "`cuda` is tried first when asked for, and CPU serves when it does not work, see [gpu.md](gpu.md)");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            new Key.Other(
                    "model.bundle",
                    "shipped",
                    "folder",
                    "with `model.onnx` and `model.json`; going back is naming the previous folder"),
            THRESHOLD,
            MINIMUM_AGE,
            PROVIDER);

    /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
    public ModelKeys {
        threshold = THRESHOLD.in(threshold);
        minimumAge = MINIMUM_AGE.or(minimumAge);
        provider = PROVIDER.or(provider);
    }

    static ModelKeys usual() {
        return new ModelKeys(null, null, null, null);
    }

    /** The model's folder. @param shipped where the configuration names none */
    public Path folder(Path shipped) {
        return bundle == null ? shipped : Path.of(bundle);
    }

    /** Reads the folder, with the site's operating point. @throws io.bloodnet.imaging.bloodnet.ModelBundleException when it is damaged */
    public ModelBundle load(Path folder) {
        ModelBundle loaded = ModelBundle.load(folder);
        return threshold == null ? loaded : loaded.withThreshold(threshold);
    }

    /** What computes. */
    public ExecutionProvider computesOn() {
        return provider.equals("cuda") ? ExecutionProvider.CUDA : ExecutionProvider.CPU;
    }

    /** Which studies are analyzed. */
    public BloodNetAnalyzer.Limits limits() {
        return BloodNetAnalyzer.Limits.DEFAULT.withAgeYearsMin(minimumAge);
    }
}
