package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.KeyImage;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.head.Field;
import io.bloodnet.imaging.head.HeadVolume;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.HeadGeometry.HeadSlice;
import io.bloodnet.imaging.series.SliceHeader;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Turns the judgements of the slices that may show brain into one finding, with volumes from measured geometry. */
final class FindingMaker {

    private final HeadVolume volume;
    private final List<SliceJudgement> judgements;
    private final List<byte[]> sourceBits = new ArrayList<>();
    private final BitSet counting;

    /** @param judgements one for each slice of the volume, from feet to head */
    FindingMaker(HeadVolume volume, List<SliceJudgement> judgements) {
        this.volume = volume;
        this.judgements = judgements;
        this.counting = volume.counting();
        for (SliceJudgement judgement : judgements) {
            sourceBits.add(toSourceSize(judgement.maskBits()));
        }
    }

    Finding.Analyzed finding(StudyUid studyUid, BloodNet net, Finding.Timing timing) {
        List<Finding.SliceFinding> slices = new ArrayList<>();
        double probability = 0;
        double bloodMl = 0;
        double leastMl = 0;
        double mostMl = 0;
        for (int i = counting.nextSetBit(0); i >= 0; i = counting.nextSetBit(i + 1)) {
            double sliceMl = bloodMl(i);
            HeadSlice slice = volume.geometry().slices().get(i);
            slices.add(new Finding.SliceFinding(
                    slice.centre().sopInstanceUid(),
                    slice.centre().frame(),
                    judgements.get(i).probability(),
                    sliceMl));
            probability = Math.max(probability, judgements.get(i).probability());
            bloodMl += sliceMl;
            leastMl += sliceMl * share(judgements.get(i).sureVoxels(), judgements.get(i));
            mostMl += sliceMl
                    + judgedMl(
                            i,
                            judgements.get(i).possibleVoxels()
                                    - judgements.get(i).maskVoxels());
        }
        return new Finding.Analyzed(
                studyUid,
                volume.geometry().seriesUid(),
                probability,
                bloodMl,
                new Finding.VolumeRange(leastMl, Math.min(mostMl, Finding.VOLUME_MAX_ML)),
                net.threshold(),
                slices,
                net.model(),
                volume.inputDigest(),
                volume.flags(),
                net.provider().name(),
                timing,
                volume.coverageMm(),
                List.of(),
                0);
    }

    /** The mask on the source slices; where thin slices were averaged, each of them carries the mask of their mean. */
    Mask mask() {
        List<Mask.Frame> frames = new ArrayList<>();
        for (int i = counting.nextSetBit(0); i >= 0; i = counting.nextSetBit(i + 1)) {
            if (judgements.get(i).maskVoxels() > 0) {
                for (SliceHeader source : volume.geometry().slices().get(i).sources()) {
                    byte[] bits = source.turn().stored(sourceBits.get(i), source.rows(), source.columns());
                    Mask.Frame frame = new Mask.Frame(source.id(), bits);
                    if (frame.voxels() > 0) {
                        frames.add(frame);
                    }
                }
            }
        }
        SliceHeader first = volume.geometry().sources().getFirst();
        return new Mask(first.rows(), first.columns(), frames);
    }

    /** The slice with the most blood, else the most probable one. A negative is shown without an outline: red says that there is blood. */
    byte[] keyImagePng(boolean outlined) {
        int key = counting.nextSetBit(0);
        for (int i = counting.nextSetBit(key + 1); i >= 0; i = counting.nextSetBit(i + 1)) {
            int more = Double.compare(bloodMl(i), bloodMl(key));
            boolean likelier =
                    judgements.get(i).probability() > judgements.get(key).probability();
            key = more > 0 || more == 0 && likelier ? i : key;
        }
        return KeyImage.png(
                volume.slice(key),
                HeadVolume.SIDE,
                HeadVolume.SIDE,
                outlined ? judgements.get(key).maskBits() : null);
    }

    /** Part of the mask: zero where there is none. */
    private static double share(int voxels, SliceJudgement judgement) {
        return judgement.maskVoxels() == 0 ? 0 : (double) voxels / judgement.maskVoxels();
    }

    /** Voxels as the network sees them, which may be larger or smaller than the source's. */
    private double judgedMl(int index, int voxels) {
        return voxels * volume.voxelMl(index);
    }

    private double bloodMl(int index) {
        int voxels = new Mask.Frame("", sourceBits.get(index)).voxels();
        return voxels
                * volume.geometry().pixelAreaMm2()
                * volume.geometry().slices().get(index).depthMm()
                / 1000;
    }

    /** Whether a slice is suspicious that has all its neighbours: images that are still to come do not change what the network says of it. */
    boolean suspectsWithin(double threshold) {
        return counting.stream().anyMatch(i -> judgements.get(i).probability() >= threshold && volume.isWithinBrain(i));
    }

    /** Each turned source voxel takes the mask voxel that its centre lies in. */
    private byte[] toSourceSize(byte[] bits) {
        int rows = volume.geometry().rows();
        int columns = volume.geometry().columns();
        Field field = volume.field();
        if (field.isSlice(volume.geometry().grid())) {
            return bits;
        }
        byte[] sized = new byte[Mask.bytesFor(rows, columns)];
        for (int y = 0; y < rows; y++) {
            int fromY = field.rowAt((y + 0.5) * volume.geometry().rowMm());
            for (int x = 0; x < columns && fromY >= 0 && fromY < HeadVolume.SIDE; x++) {
                int fromX = field.columnAt((x + 0.5) * volume.geometry().columnMm());
                if (fromX >= 0 && fromX < HeadVolume.SIDE && Mask.isSet(bits, fromY * HeadVolume.SIDE + fromX)) {
                    Mask.set(sized, y * columns + x);
                }
            }
        }
        return sized;
    }
}
