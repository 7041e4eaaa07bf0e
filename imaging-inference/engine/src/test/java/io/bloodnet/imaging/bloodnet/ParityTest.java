package io.bloodnet.imaging.bloodnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The shipped network gives in Java what it gave where it was exported, on a volume that both sides make from the same formula. */
class ParityTest {

    private static final int SLICES = 7;
    private static final int SIDE = BloodNet.SIDE;

    @Test
    void java_gives_the_exporters_probabilities_and_masks() throws Exception {
        Path folder = Path.of(System.getProperty("bloodnet.root", "../..")).resolve("imaging-inference/model");
        Assumptions.assumeTrue(
                Files.exists(folder.resolve("parity.json")), "skipped: no parity.json in the model bundle");
        JsonNode fixture =
                new ObjectMapper().readTree(folder.resolve("parity.json").toFile());
        double tolerance = fixture.get("tolerance").asDouble();

        List<SliceJudgement> judgements =
                judge(ModelBundle.load(folder), (float) fixture.get("voxelMl").asDouble());

        for (int z = 0; z < SLICES; z++) {
            SliceJudgement judgement = judgements.get(z);
            assertThat((double) judgement.probability())
                    .as("probability of slice " + z)
                    .isCloseTo(fixture.get("probability").get(z).asDouble(), offset(tolerance));
            assertThat(judgement.maskVoxels())
                    .as("mask of slice " + z)
                    .isEqualTo(fixture.get("maskPixelsFromThreshold").get(z).asInt());
            assertThat((double) judgement.softVolumeMl())
                    .isCloseTo(fixture.get("softVolumeMl").get(z).asDouble(), offset(1e-3));
        }
    }

    /** In runs of 3, 3 and 1, so that it also shows that the split into runs changes nothing. */
    private static List<SliceJudgement> judge(ModelBundle bundle, float voxelMl) throws Exception {
        List<SliceJudgement> judgements = new ArrayList<>();
        try (BloodNet net = BloodNet.open(bundle, new BloodNet.Settings(ExecutionProvider.CPU, 1, 3))) {
            for (int first = 0; first < SLICES; first += 3) {
                judgements.addAll(net.submit(new FormulaRun(first, voxelMl)).get());
            }
        }
        return judgements;
    }

    private record FormulaRun(int first, float ml) implements SliceRun {

        @Override
        public int windows() {
            return Math.min(3, SLICES - first);
        }

        @Override
        public short[] hu(int index) {
            int z = Math.clamp(first + index - BloodNet.WINDOW_RADIUS, 0, SLICES - 1);
            short[] hu = new short[SIDE * SIDE];
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    hu[y * SIDE + x] = (short) formula(z, y, x);
                }
            }
            return hu;
        }

        @Override
        public float voxelMl(int window) {
            return ml;
        }
    }

    /** As parity.json says it. */
    private static int formula(int z, int y, int x) {
        int ring = 9 * (y - 256) * (y - 256) + 16 * (x - 256) * (x - 256);
        if (ring > 348_100) {
            return ring > 422_500 ? -1000 : 1000;
        }
        int grain = (7 * x + 13 * y + 29 * z) % 11 - 5;
        boolean bleed = (y - 256) * (y - 256) + (x - 160) * (x - 160) + 400 * (z - 3) * (z - 3) <= 1600;
        return (bleed ? 62 : 32) + grain;
    }
}
