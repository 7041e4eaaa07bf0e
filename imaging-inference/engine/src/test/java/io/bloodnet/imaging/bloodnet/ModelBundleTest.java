package io.bloodnet.imaging.bloodnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelBundleTest {

    private static final String POINTS =
            "[{\"name\":\"a\",\"threshold\":0.9},{\"name\":\"b\",\"threshold\":0.4,\"default\":true}]";

    @TempDir
    Path folder;

    @BeforeEach
    void write_a_good_bundle() throws Exception {
        Files.write(folder.resolve("model.onnx"), new byte[] {1, 2, 3});
        manifest(POINTS, "");
    }

    private void manifest(String points, String more) throws Exception {
        String sha =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(new byte[] {1, 2, 3}));
        Files.writeString(
                folder.resolve("model.json"),
                "{\"id\":\"m\",\"version\":\"1.2\",\"sha256\":\"" + sha + "\",\"operatingPoints\":" + points + more
                        + "}");
    }

    @Test
    void reads_id_hash_and_default_operating_point() {
        ModelBundle bundle = ModelBundle.load(folder);

        assertThat(bundle.model().id()).isEqualTo("m");
        assertThat(bundle.model().version()).isEqualTo("1.2");
        assertThat(bundle.operatingPoint().threshold()).isEqualTo(0.4);
        assertThat(bundle.maskThreshold()).isEqualTo(0.5);
        assertThat(bundle.offered()).contains(bundle.operatingPoint());
        assertThat(bundle.siteThreshold()).isNull();
        assertThat(bundle.withThreshold(0.4).siteThreshold())
                .as("the model's own")
                .isNull();
        assertThat(bundle.withThreshold(0.7).siteThreshold()).isEqualTo(0.7);
        assertThat(bundle.withThreshold(0.7).offered()).isEqualTo(bundle.offered());
        assertThat(bundle.withThreshold(0.7).operatingPoint().threshold()).isEqualTo(0.7);
    }

    @Test
    void refuses_one_changed_byte_of_the_graph() throws Exception {
        Files.write(folder.resolve("model.onnx"), new byte[] {1, 2, 4});
        assertRefused(ModelBundleException.Code.HASH_MISMATCH);
    }

    @Test
    void refuses_missing_files() throws Exception {
        Files.delete(folder.resolve("model.onnx"));
        assertRefused(ModelBundleException.Code.GRAPH_MISSING);
        Files.delete(folder.resolve("model.json"));
        assertRefused(ModelBundleException.Code.MANIFEST_MISSING);
    }

    @Test
    void refuses_manifests_that_say_nonsense() throws Exception {
        for (String points : new String[] {"[]", "[{\"name\":\"a\"}]", "[{\"name\":\"a\",\"threshold\":1.5}]", "7"}) {
            manifest(points, "");
            assertRefused(ModelBundleException.Code.MANIFEST_INVALID);
        }
        manifest(POINTS, ",\"maskThreshold\":0");
        assertRefused(ModelBundleException.Code.MANIFEST_INVALID);
        Files.writeString(folder.resolve("model.json"), "{");
        assertRefused(ModelBundleException.Code.MANIFEST_INVALID);
    }

    private void assertRefused(ModelBundleException.Code code) throws IOException {
        assertThatExceptionOfType(ModelBundleException.class)
                .isThrownBy(() -> ModelBundle.load(folder))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
