package io.bloodnet.imaging.finding;

import java.util.List;

/**
 * Which voxels of the source slices are blood, at the source's own resolution, so that it lands voxel-exact on them.
 *
 * @param rows of every source slice
 * @param columns of every source slice
 * @param frames one for each source slice that has a voxel, from feet to head
 */
public record Mask(int rows, int columns, List<Frame> frames) {

    public Mask {
        frames = List.copyOf(frames);
        int bytes = bytesFor(rows, columns);
        for (Frame frame : frames) {
            if (frame.bits().length != bytes) {
                throw new IllegalArgumentException(
                        "a mask frame of " + frame.bits().length + " bytes, " + bytes + " are needed");
            }
        }
    }

    /**
     * One source slice.
     *
     * @param slice which one
     * @param bits one per voxel, row by row, least significant bit first (PS3.5 8.1.1), unused ones at the end 0; not to be changed
     */
    public record Frame(SliceId slice, byte[] bits) {

        /** Of an instance that is one slice. */
        public Frame(String sopInstanceUid, byte[] bits) {
            this(new SliceId(sopInstanceUid, 0), bits);
        }

        /** Voxels that are set. */
        public int voxels() {
            int count = 0;
            for (byte b : bits) {
                count += Integer.bitCount(b & 0xFF);
            }
            return count;
        }
    }

    /** Whether no voxel is set. */
    public boolean isEmpty() {
        return frames.isEmpty();
    }

    /** Bytes that the bits of one frame take. */
    public static int bytesFor(int rows, int columns) {
        return Math.toIntExact(((long) rows * columns + 7) / 8);
    }

    /** Whether bit {@code index} is set. */
    public static boolean isSet(byte[] bits, int index) {
        return (bits[index >> 3] >> (index & 7) & 1) != 0;
    }

    /** Sets bit {@code index}. */
    public static void set(byte[] bits, int index) {
        bits[index >> 3] |= (byte) (1 << (index & 7));
    }
}
