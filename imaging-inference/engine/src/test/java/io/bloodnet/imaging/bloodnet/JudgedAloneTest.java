package io.bloodnet.imaging.bloodnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is remembered of a window stands for what the network would say of it again: in whatever run it is, and whatever its depth. */
class JudgedAloneTest {

    private static final int SLICES = 6;

    /** Some windows of a made-up head with noise. */
    private record Run(List<short[]> slices, int first, int windows, float voxelMl) implements SliceRun {

        @Override
        public short[] hu(int index) {
            return slices.get(Math.clamp(first + index - BloodNet.WINDOW_RADIUS, 0, slices.size() - 1));
        }

        @Override
        public float voxelMl(int window) {
            return voxelMl;
        }
    }

    @Test
    void shipped_network_says_the_same_of_a_window_alone_and_beside_another_and_whatever_its_depth() throws Exception {
        List<short[]> slices = heads(20261130);
        ModelBundle bundle = ModelBundle.load(Path.of(System.getProperty("basedir", "."), "../model"));
        try (BloodNet net = BloodNet.open(bundle, new BloodNet.Settings(ExecutionProvider.CPU, 1, 2))) {
            List<SliceJudgement> pairs = new ArrayList<>();
            List<SliceJudgement> singles = new ArrayList<>();
            for (int first = 0; first < SLICES; first += 2) {
                pairs.addAll(net.submit(new Run(slices, first, 2, 0.001f)).get());
            }
            for (int first = 0; first < SLICES; first++) {
                singles.addAll(net.submit(new Run(slices, first, 1, 0.002f)).get());
            }
            for (int i = 0; i < SLICES; i++) {
                SliceJudgement pair = pairs.get(i);
                SliceJudgement single = singles.get(i);
                assertThat(single.probability()).as("window %s", i).isEqualTo(pair.probability());
                assertThat(single.maskBits()).isEqualTo(pair.maskBits());
                assertThat(single.sureVoxels()).isEqualTo(pair.sureVoxels());
                assertThat(single.possibleVoxels()).isEqualTo(pair.possibleVoxels());
                assertThat(single.softVolumeMl()).isEqualTo(2 * pair.softVolumeMl());
            }
            assertThat(pairs.stream().anyMatch(judgement -> judgement.possibleVoxels() > 0))
                    .as("some blood is seen")
                    .isTrue();
        }
    }

    /** A ring of bone around brain, with a ball of blood, and noise. */
    private static List<short[]> heads(long seed) {
        Random random = new Random(seed);
        List<short[]> slices = new ArrayList<>();
        for (int s = 0; s < SLICES; s++) {
            short[] hu = new short[BloodNet.SIDE * BloodNet.SIDE];
            for (int y = 0; y < BloodNet.SIDE; y++) {
                for (int x = 0; x < BloodNet.SIDE; x++) {
                    double radius = Math.hypot(x - 256, y - 256);
                    double blood = Math.hypot(x - 300, y - 240);
                    double value = radius > 210 ? -1000 : radius > 195 ? 1200 : blood < 25 ? 68 : 32;
                    hu[y * BloodNet.SIDE + x] = (short) Math.round(value + 4 * random.nextGaussian());
                }
            }
            slices.add(hu);
        }
        return slices;
    }
}
