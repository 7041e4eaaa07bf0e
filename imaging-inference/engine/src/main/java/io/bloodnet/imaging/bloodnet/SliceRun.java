package io.bloodnet.imaging.bloodnet;

/**
 * Consecutive SliceWindows to judge in one run. Read by BloodNet's own thread while the run is on; the slices must not change meanwhile.
 */
public interface SliceRun {

    /** Windows to judge, 1 to {@link BloodNet#windowsPerRun()}. */
    int windows();

    /**
     * HU of one slice, 512 x 512 row by row.
     *
     * @param index 0 to {@code windows() + 3}: window w looks at w to w + 4; the caller replicates edge slices
     */
    short[] hu(int index);

    /** Volume of one voxel of the window's centre slice, mL. */
    float voxelMl(int window);

    /** Which of the runs that wait goes first: the one with the lowest number, then the one that was submitted first. */
    default long rank() {
        return 0;
    }

    /** Told when the run is over; both by {@link System#nanoTime()}. */
    default void ran(long startNanos, long endNanos) {}
}
