package io.bloodnet.imaging.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.bloodnet.OnnxEngine;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.bloodnet.SliceRun;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** The network on 36 slices: its time, what of the engine's own ceiling it reaches, and what the way from the archive adds to it. */
public final class InferenceBench {

    private static final int ROUNDS = 7;
    private static final int ALONE_ROUNDS = 5;
    private static final double CEILING_GOAL = 0.85;
    private static final double WAY_GOAL = 1.10;
    private static final double SECONDS_GOAL = 2.5;
    private static final float VOXEL_ML = 0.001f;

    private InferenceBench() {}

    /** Prints four lines. Takes about a minute on two cores. */
    public static void run(ModelBundle bundle, BloodNet.Settings settings, PrintStream out) throws Exception {
        try (BloodNet net = BloodNet.open(bundle, settings)) {
            List<short[]> slices = BenchStudy.hu();
            againstCeiling(bundle, net, slices, out);
            againstWholeWay(net, slices, out);
        }
    }

    /** Seconds that the network alone takes for so many slices, the median of some rounds. */
    public static double networkSeconds(ModelBundle bundle, BloodNet.Settings settings, int slices) throws Exception {
        List<short[]> all = BenchStudy.hu();
        List<short[]> head = IntStream.range(0, slices)
                .mapToObj(i -> all.get(i % all.size()))
                .toList();
        try (BloodNet net = BloodNet.open(bundle, settings)) {
            judge(net, head);
            double[] seconds = new double[ALONE_ROUNDS];
            for (int round = 0; round < ALONE_ROUNDS; round++) {
                long start = System.nanoTime();
                judge(net, head);
                seconds[round] = (System.nanoTime() - start) / 1e9;
            }
            Arrays.sort(seconds);
            return seconds[ALONE_ROUNDS / 2];
        }
    }

    /** By processor time: both run the same way, on as many threads as one. */
    private static void againstCeiling(ModelBundle bundle, BloodNet net, List<short[]> slices, PrintStream out)
            throws Exception {
        double flops = flopsPerSlice(bundle) * slices.size();
        int repeats = Math.max(1, (int) Math.round(flops / ConvolutionCeiling.flops()));
        double same = flops / (repeats * ConvolutionCeiling.flops());
        try (ConvolutionCeiling ceiling = new ConvolutionCeiling()) {
            Rounds.Timed timed = Rounds.compare(ROUNDS, Rounds.Time.PROCESSOR, () -> judge(net, slices), () -> {
                for (int i = 0; i < repeats; i++) {
                    ceiling.run();
                }
            });
            out.printf(
                    "inference: network on %s: %.1f CPU-ms a slice, %.2f GFLOP a slice%n",
                    net.provider(), timed.firstMs() / slices.size(), flops / slices.size() / 1e9);
            out.printf(
                    "inference: the same operations as 3x3 convolutions of 64 channels: %.1f CPU-ms a slice; part of the ceiling %.2f (goal >= %.2f)%n",
                    timed.secondMs() * same / slices.size(), same / timed.ratio(), CEILING_GOAL);
        }
    }

    private static void againstWholeWay(BloodNet net, List<short[]> slices, PrintStream out) throws Exception {
        try (BenchArchive archive = new BenchArchive(BenchStudy.files());
                DicomWebClient client = new DicomWebClient(
                        DicomWebSettings.of(archive.dicomWeb(), ArchiveAccess.OPEN), DicomLimits.DEFAULT)) {
            StudySource.StudyListing listing = FetchBench.listing(client);
            StudyAnalyzer analyzer =
                    new BloodNetAnalyzer(client.images(), net, BloodNetAnalyzer.Limits.DEFAULT, ZoneOffset.UTC);
            Rounds.Timed timed = Rounds.compare(
                    ROUNDS, Rounds.Time.CLOCK, () -> analyzer.analyze(listing), () -> judge(net, slices));
            out.printf(
                    "inference: %d slices 512x512: %.2f s (goal <= %.1f s on 2 quiet cores)%n",
                    slices.size(), timed.secondMs() / 1000, SECONDS_GOAL);
            out.printf(
                    "inference: from archive to finding %.2f s; whole way / network %.2f (goal <= %.2f)%n",
                    timed.firstMs() / 1000, timed.ratio(), WAY_GOAL);
        }
    }

    private static double flopsPerSlice(ModelBundle bundle) throws OrtException, IOException {
        OrtEnvironment environment = OnnxEngine.environment();
        float[] hu = new float[5 * BenchStudy.SIDE * BenchStudy.SIDE];
        long[] shape = {5, BenchStudy.SIDE, BenchStudy.SIDE};
        try (OnnxTensor slices = OnnxTensor.createTensor(environment, FloatBuffer.wrap(hu), shape);
                OnnxTensor voxel = OnnxTensor.createTensor(environment, new float[] {VOXEL_ML})) {
            return GraphFlops.count(bundle.graph(), Map.of("hu", slices, "voxel_ml", voxel));
        }
    }

    private static void judge(BloodNet net, List<short[]> slices) throws Exception {
        List<Future<List<SliceJudgement>>> answers = new ArrayList<>();
        int first = 0;
        for (int windows : net.runSizes(slices.size())) {
            answers.add(net.submit(new Run(slices, first, windows)));
            first += windows;
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
}
