package io.bloodnet.imaging.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.bloodnet.SliceRun;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.DicomWebClient;
import io.bloodnet.imaging.study.DicomWebSettings;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The network on 36 slices: its time, what of the engine's own ceiling it reaches, and what the way from the archive adds to it. */
public final class InferenceBench {

    private static final int ROUNDS = 7;
    private static final double CEILING_GOAL = 0.85;
    private static final double WAY_GOAL = 1.10;
    private static final double SECONDS_GOAL = 2.5;
    private static final float VOXEL_ML = 0.001f;

    private InferenceBench() {}

    /** Prints three lines. Takes about half a minute on two cores. */
    public static void run(ModelBundle bundle, BloodNet.Settings settings, PrintStream out) throws Exception {
        try (BloodNet net = BloodNet.open(bundle, settings)) {
            List<short[]> slices = BenchStudy.hu();
            againstCeiling(bundle, net, settings.lanes(), slices, out);
            againstWholeWay(net, slices, out);
        }
    }

    private static void againstCeiling(
            ModelBundle bundle, BloodNet net, int lanes, List<short[]> slices, PrintStream out) throws Exception {
        double flops = flopsPerSlice(bundle) * slices.size();
        int repeats = Math.max(1, (int) Math.round(flops / ConvolutionCeiling.flops() / lanes)) * lanes;
        try (ConvolutionCeiling ceiling = new ConvolutionCeiling();
                ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
            Rounds.Timed timed =
                    Rounds.compare(ROUNDS, () -> judge(net, slices), () -> runAll(threads, repeats, ceiling));
            double ceilingMs = timed.secondMs() * flops / (repeats * ConvolutionCeiling.flops());
            double part = flops / (repeats * ConvolutionCeiling.flops()) / timed.ratio();
            out.printf(
                    "inference: %d slices 512x512 on %s, %d runs at a time: %.2f s (goal <= %.1f s on 2 quiet cores), %.2f GFLOP a slice%n",
                    slices.size(),
                    net.provider(),
                    lanes,
                    timed.firstMs() / 1000,
                    SECONDS_GOAL,
                    flops / slices.size() / 1e9);
            out.printf(
                    "inference: same operations as 3x3 convolutions of 64 channels: %.2f s; part of the ceiling %.2f (goal >= %.2f)%n",
                    ceilingMs / 1000, part, CEILING_GOAL);
        }
    }

    private static void againstWholeWay(BloodNet net, List<short[]> slices, PrintStream out) throws Exception {
        try (BenchArchive archive = new BenchArchive(BenchStudy.files());
                DicomWebClient client =
                        new DicomWebClient(DicomWebSettings.of(archive.dicomWeb(), null), DicomLimits.DEFAULT)) {
            StudySource.StudyListing listing = FetchBench.listing(client);
            StudyAnalyzer analyzer = new BloodNetAnalyzer(client, net, BloodNetAnalyzer.Limits.DEFAULT, ZoneOffset.UTC);
            Rounds.Timed timed = Rounds.compare(ROUNDS, () -> analyzer.analyze(listing), () -> judge(net, slices));
            out.printf(
                    "inference: archive to finding %.2f s, network alone %.2f s; whole way / network %.2f (goal <= %.2f)%n",
                    timed.firstMs() / 1000, timed.secondMs() / 1000, timed.ratio(), WAY_GOAL);
        }
    }

    private static double flopsPerSlice(ModelBundle bundle) throws OrtException, IOException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[] hu = new float[5 * BenchStudy.SIDE * BenchStudy.SIDE];
        long[] shape = {5, BenchStudy.SIDE, BenchStudy.SIDE};
        try (OnnxTensor slices = OnnxTensor.createTensor(environment, FloatBuffer.wrap(hu), shape);
                OnnxTensor voxel = OnnxTensor.createTensor(environment, new float[] {VOXEL_ML})) {
            return GraphFlops.count(bundle.graph(), Map.of("hu", slices, "voxel_ml", voxel));
        }
    }

    private static void judge(BloodNet net, List<short[]> slices) throws Exception {
        List<Future<List<SliceJudgement>>> answers = new ArrayList<>();
        for (int first = 0; first < slices.size(); first += net.windowsPerRun()) {
            answers.add(net.submit(new Run(slices, first, Math.min(net.windowsPerRun(), slices.size() - first))));
        }
        for (Future<List<SliceJudgement>> answer : answers) {
            answer.get();
        }
    }

    private record Run(List<short[]> slices, int first, int windows) implements SliceRun {

        @Override
        public short[] hu(int index) {
            return slices.get(Math.clamp(first + index - BloodNet.WINDOW_RADIUS, 0, slices.size() - 1));
        }

        @Override
        public float voxelMl(int window) {
            return VOXEL_ML;
        }
    }

    private static void runAll(ExecutorService threads, int repeats, ConvolutionCeiling ceiling) throws Exception {
        List<Callable<Void>> runs = new ArrayList<>();
        for (int i = 0; i < repeats; i++) {
            runs.add(() -> {
                ceiling.run();
                return null;
            });
        }
        for (Future<Void> run : threads.invokeAll(runs)) {
            run.get();
        }
    }
}
