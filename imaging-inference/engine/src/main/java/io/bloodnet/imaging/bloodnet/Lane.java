package io.bloodnet.imaging.bloodnet;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.bloodnet.imaging.finding.Mask;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Buffers for one run at a time, outside of the heap and used again and again: neither input nor output is copied by ONNX Runtime. */
final class Lane {

    private static final int PIXELS = BloodNet.SIDE * BloodNet.SIDE;

    private static final byte[] NO_BITS = new byte[Mask.bytesFor(BloodNet.SIDE, BloodNet.SIDE)];

    /** How far the mask's threshold is moved either way to see how much the volume depends on it: 0.25 and 0.75 around 0.5. */
    private static final float ODDS_SPAN = 3;

    private final FloatBuffer hu;
    private final FloatBuffer voxelMl;
    private final FloatBuffer probability;
    private final FloatBuffer mask;
    private final FloatBuffer softVolumeMl;

    Lane(int windowsMax) {
        hu = direct((windowsMax + BloodNet.EDGE_SLICES) * PIXELS);
        voxelMl = direct(windowsMax);
        probability = direct(windowsMax);
        mask = direct(windowsMax * PIXELS);
        softVolumeMl = direct(windowsMax);
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    List<SliceJudgement> judge(OrtSession session, SliceRun run, float maskThreshold) throws OrtException {
        int windows = run.windows();
        fill(run);
        OrtEnvironment environment = OnnxEngine.environment();
        try (OnnxTensor huIn = tensor(environment, hu, windows + BloodNet.EDGE_SLICES, true);
                OnnxTensor voxelIn = tensor(environment, voxelMl, windows, false);
                OnnxTensor probabilityOut = tensor(environment, probability, windows, false);
                OnnxTensor maskOut = tensor(environment, mask, windows, true);
                OnnxTensor softOut = tensor(environment, softVolumeMl, windows, false)) {
            Map<String, OnnxTensor> inputs = Map.of(GraphSession.HU, huIn, GraphSession.VOXEL_ML, voxelIn);
            Map<String, OnnxTensor> outputs = Map.of(
                    GraphSession.PROBABILITY, probabilityOut,
                    GraphSession.MASK, maskOut,
                    GraphSession.SOFT_VOLUME_ML, softOut);
            // Everything is pinned, so the result holds nothing of its own and the buffers have the answer.
            session.run(inputs, Set.of(), outputs).close();
        }
        return answer(windows, maskThreshold);
    }

    private void fill(SliceRun run) {
        int slices = run.windows() + BloodNet.EDGE_SLICES;
        for (int s = 0; s < slices; s++) {
            short[] slice = run.hu(s);
            int start = s * PIXELS;
            for (int i = 0; i < PIXELS; i++) {
                hu.put(start + i, slice[i]);
            }
        }
        voxelMl.clear();
        for (int w = 0; w < run.windows(); w++) {
            voxelMl.put(run.voxelMl(w));
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, FloatBuffer buffer, int count, boolean images)
            throws OrtException {
        int floats = images ? count * PIXELS : count;
        long[] shape = images ? new long[] {count, BloodNet.SIDE, BloodNet.SIDE} : new long[] {count};
        return OnnxTensor.createTensor(environment, buffer.slice(0, floats), shape);
    }

    private List<SliceJudgement> answer(int windows, float maskThreshold) {
        List<SliceJudgement> judgements = new ArrayList<>(windows);
        for (int w = 0; w < windows; w++) {
            float p = requireUnit("probability", probability.get(w));
            float soft = softVolumeMl.get(w);
            if (!(soft >= 0 && soft < Float.POSITIVE_INFINITY)) {
                throw new ModelAnswerException("the network gave a soft volume of " + soft);
            }
            judgements.add(judge(w, p, soft, maskThreshold));
        }
        return judgements;
    }

    private SliceJudgement judge(int window, float probability, float soft, float maskThreshold) {
        byte[] bits = new byte[Mask.bytesFor(BloodNet.SIDE, BloodNet.SIDE)];
        float possible = atOdds(maskThreshold, 1 / ODDS_SPAN);
        float sure = atOdds(maskThreshold, ODDS_SPAN);
        int maskVoxels = 0;
        int possibleVoxels = 0;
        int sureVoxels = 0;
        int start = window * PIXELS;
        for (int i = 0; i < PIXELS; i++) {
            float p = mask.get(start + i);
            if (!(p >= 0 && p <= 1)) {
                throw new ModelAnswerException("the network gave a mask value of " + p);
            }
            if (p >= possible) {
                possibleVoxels++;
                if (p >= maskThreshold) {
                    Mask.set(bits, i);
                    maskVoxels++;
                    sureVoxels += p >= sure ? 1 : 0;
                }
            }
        }
        byte[] mine = maskVoxels == 0 ? NO_BITS : bits; // most slices of most heads: they need not take 32 kB each
        return new SliceJudgement(probability, mine, maskVoxels, sureVoxels, possibleVoxels, soft);
    }

    /** The probability whose odds are so many times those of this one. */
    private static float atOdds(float p, float times) {
        return p * times / (1 - p + p * times);
    }

    private static float requireUnit(String what, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new ModelAnswerException("the network gave a " + what + " of " + value);
        }
        return value;
    }
}
