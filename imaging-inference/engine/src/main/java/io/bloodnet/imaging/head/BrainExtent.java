package io.bloodnet.imaging.head;

import io.bloodnet.imaging.series.HeadGeometry.HeadSlice;
import java.util.BitSet;
import java.util.List;

/**
 * Where the brain lies in a volume: the longest run of slices that show brain inside a skull. Single slices may miss the check (teeth,
 * metal, the base with its many bones), so a run goes on over short interruptions.
 *
 * @param first lowest slice of the run
 * @param last highest slice of the run, smaller than {@code first} when no slice shows brain
 * @param slices slices of the run that show brain
 * @param mm extent of the run with the depths of its slices, mm; 0 when there is none
 */
record BrainExtent(int first, int last, int slices, double mm) {

    /** Slices that show brain and are farther apart belong to different runs, mm. */
    private static final double INTERRUPTION_MM = 21;

    /**
     * Below the run lies the base of the skull with the cerebellum, where bone and air keep the check from seeing brain: down to here
     * slices count. A series of the head alone begins within; below are neck and shoulders, mm.
     */
    private static final double BASE_MM = 56;

    private static final BrainExtent NONE = new BrainExtent(0, -1, 0, 0);

    /** @param brain the slices that show brain */
    static BrainExtent of(List<HeadSlice> slices, BitSet brain) {
        BrainExtent best = NONE;
        int first = brain.nextSetBit(0);
        while (first >= 0) {
            BrainExtent run = run(slices, brain, first);
            best = run.mm() > best.mm() ? run : best;
            first = brain.nextSetBit(run.last() + 1);
        }
        return best;
    }

    private static BrainExtent run(List<HeadSlice> slices, BitSet brain, int first) {
        int last = first;
        int count = 1;
        for (int next = brain.nextSetBit(first + 1); next >= 0; next = brain.nextSetBit(next + 1)) {
            if (slices.get(next).heightMm() - slices.get(last).heightMm() > INTERRUPTION_MM) {
                break;
            }
            last = next;
            count++;
        }
        double mm = 0;
        for (int i = first; i <= last; i++) {
            mm += slices.get(i).depthMm();
        }
        return new BrainExtent(first, last, count, mm);
    }

    /** Whether a slice may show brain, so that what the network says of it counts. There is nothing but scalp above the run. */
    boolean counts(List<HeadSlice> slices, int index) {
        return index >= first
                || slices.get(first).heightMm() - slices.get(index).heightMm() <= BASE_MM;
    }
}
