package io.bloodnet.imaging.bloodnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.bloodnet.BloodNet.Settings;
import io.bloodnet.imaging.bloodnet.TestNetwork.Probability;
import io.bloodnet.imaging.finding.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class BloodNetTest {

    private static final Settings CPU = new Settings(ExecutionProvider.CPU, 2, 3);

    /** Slices that are all of one HU; slice i of the run has {@code base + i}, but for one pixel of blood in every slice. */
    private record Flat(int windows, int base, int bloodAt) implements SliceRun {

        @Override
        public short[] hu(int index) {
            short[] hu = new short[BloodNet.SIDE * BloodNet.SIDE];
            Arrays.fill(hu, (short) (base + index));
            hu[bloodAt + index] = 80;
            return hu;
        }

        @Override
        public float voxelMl(int window) {
            return 0.5f;
        }
    }

    @Test
    void judges_the_centre_slice_of_each_window() throws Exception {
        try (BloodNet net = BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), CPU)) {
            List<SliceJudgement> judgements = net.submit(new Flat(3, 10, 1000)).get();

            assertThat(judgements).hasSize(3);
            for (int w = 0; w < 3; w++) {
                assertThat(judgements.get(w).maskVoxels()).isEqualTo(1);
                assertThat(Mask.isSet(judgements.get(w).maskBits(), 1000 + w + BloodNet.WINDOW_RADIUS))
                        .isTrue();
                assertThat(judgements.get(w).softVolumeMl()).isBetween(0.49f, 0.51f);
                assertThat(judgements.get(w).probability()).isBetween(0.32f, 0.34f);
            }
        }
    }

    @Test
    void counts_what_the_mask_would_hold_with_its_outline_drawn_tighter_and_wider() throws Exception {
        short[] hu = new short[BloodNet.SIDE * BloodNet.SIDE];
        hu[0] = 58; // p = 0.05
        hu[1] = 59; // 0.27
        hu[2] = 60; // 0.73
        hu[3] = 61; // 0.95
        SliceRun run = new SliceRun() {
            @Override
            public int windows() {
                return 1;
            }

            @Override
            public short[] hu(int index) {
                return hu;
            }

            @Override
            public float voxelMl(int window) {
                return 0.5f;
            }
        };
        try (BloodNet net = BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), CPU)) {
            SliceJudgement judgement = net.submit(run).get().getFirst();
            assertThat(judgement.sureVoxels()).isEqualTo(1);
            assertThat(judgement.maskVoxels()).isEqualTo(2);
            assertThat(judgement.possibleVoxels()).isEqualTo(3);
        }
    }

    @Test
    void keeps_what_the_bundle_says_and_not_its_megabytes() {
        ModelBundle bundle = TestNetwork.bundle(Probability.BY_VOLUME);
        try (BloodNet net = BloodNet.open(bundle, CPU)) {
            assertThat(net.bundle()).isEqualTo(bundle);
            assertThat(net.bundle().graph()).isEmpty();
        }
    }

    @Test
    void gives_each_of_many_runs_at_a_time_its_own_answer() throws Exception {
        try (BloodNet net = BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), CPU)) {
            List<Future<List<SliceJudgement>>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                answers.add(net.submit(new Flat(1 + i % 3, 10, 5000 * i)));
            }
            for (int i = 0; i < 12; i++) {
                List<SliceJudgement> judgements = answers.get(i).get();
                assertThat(judgements).hasSize(1 + i % 3);
                assertThat(Mask.isSet(judgements.getFirst().maskBits(), 5000 * i + 2))
                        .isTrue();
                assertThat(judgements.getFirst().maskVoxels()).isEqualTo(1);
            }
        }
    }

    /** Holds the only lane until it is let go. */
    private record Ranked(long rank, int number, List<Integer> ran, CountDownLatch go) implements SliceRun {

        @Override
        public int windows() {
            return 1;
        }

        @Override
        public short[] hu(int index) {
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new short[BloodNet.SIDE * BloodNet.SIDE];
        }

        @Override
        public float voxelMl(int window) {
            return 0.5f;
        }

        @Override
        public void ran(long startNanos, long endNanos) {
            ran.add(number);
        }
    }

    @Test
    void runs_of_the_lowest_rank_go_first_and_those_of_one_rank_as_they_came() throws Exception {
        List<Integer> ran = new CopyOnWriteArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        long[] ranks = {5, 5, 7, 5, 3, 7, 3};
        try (BloodNet net =
                BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), new Settings(ExecutionProvider.CPU, 1, 1))) {
            List<Future<List<SliceJudgement>>> answers = new ArrayList<>();
            for (int i = 0; i < ranks.length; i++) {
                answers.add(net.submit(new Ranked(ranks[i], i, ran, go)));
            }
            go.countDown();
            for (Future<List<SliceJudgement>> answer : answers) {
                answer.get();
            }
        }
        assertThat(ran).as("the first one was on already").containsExactly(0, 4, 6, 1, 3, 2, 5);
    }

    @Test
    void refuses_at_load_a_network_that_answers_no_probability() {
        for (Probability bad : List.of(Probability.NOT_A_NUMBER, Probability.TWO)) {
            assertRefused(TestNetwork.bundle(bad), ModelBundleException.Code.DOES_NOT_RUN);
        }
    }

    @Test
    void refuses_at_load_other_names_sizes_and_bytes() {
        assertRefused(
                TestNetwork.bundle(TestNetwork.graph(Probability.BY_VOLUME, "image", "512")),
                ModelBundleException.Code.WRONG_INTERFACE);
        assertRefused(
                TestNetwork.bundle(TestNetwork.graph(Probability.BY_VOLUME, "hu", "256")),
                ModelBundleException.Code.WRONG_INTERFACE);
        assertRefused(TestNetwork.bundle(new byte[] {1, 2, 3}), ModelBundleException.Code.GRAPH_INVALID);
    }

    @Test
    void fails_the_study_and_not_the_network_when_an_answer_is_not_valid() throws Exception {
        try (BloodNet net = BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), CPU)) {
            Future<List<SliceJudgement>> broken = net.submit(new BadVoxel());

            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(broken::get)
                    .withCauseInstanceOf(ModelAnswerException.class);
            assertThat(net.submit(new Flat(1, 10, 0)).get()).hasSize(1);
        }
    }

    /** A voxel volume that is no number makes every answer none. */
    private record BadVoxel() implements SliceRun {

        @Override
        public int windows() {
            return 1;
        }

        @Override
        public short[] hu(int index) {
            return new short[BloodNet.SIDE * BloodNet.SIDE];
        }

        @Override
        public float voxelMl(int window) {
            return Float.NaN;
        }
    }

    @Test
    void falls_back_to_the_cpu_visibly_and_with_its_settings_when_cuda_does_not_work() {
        try (BloodNet net =
                BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), Settings.defaults(ExecutionProvider.CUDA))) {
            org.junit.jupiter.api.Assumptions.assumeTrue(
                    net.provider() == ExecutionProvider.CPU, "a GPU is here: nothing to fall back from");
            assertThat(net.windowsPerRun())
                    .isEqualTo(Settings.defaults(ExecutionProvider.CPU).windowsPerRun());
        }
    }

    @Test
    void close_drains_runs_in_flight_and_drops_those_that_wait() {
        BloodNet net = BloodNet.open(TestNetwork.bundle(Probability.BY_VOLUME), CPU);
        List<Future<List<SliceJudgement>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(net.submit(new Flat(3, 10, 0)));
        }
        net.close();
        net.close();

        assertThat(answers).allMatch(Future::isDone);
        assertThatThrownBy(() -> net.submit(new Flat(1, 10, 0))).isInstanceOf(RejectedExecutionException.class);
    }

    private static void assertRefused(ModelBundle bundle, ModelBundleException.Code code) {
        assertThatExceptionOfType(ModelBundleException.class)
                .isThrownBy(() -> BloodNet.open(bundle, CPU).close())
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
