package io.bloodnet.imaging.study;

import io.bloodnet.imaging.study.HeadGeometry.HeadSlice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The chosen series as ordered slices in HU, in the one orientation ({@link Turn}) and at the network's size. It fills while source slices arrive in any order; one thread fills it,
 * and a slice may be read by others once {@link #put} said that it is complete and the word was passed on safely.
 */
final class HeadVolume {

    /** Rows and columns that the network takes. */
    static final int SIDE = 512;

    /** Slices with brain in a skull that make a head: 15 mm of brain at least. */
    private static final int BRAIN_SLICES_MIN = 3;

    private static final int DIGEST_STEP_PIXELS = 4096;

    private final HeadGeometry geometry;
    private final @Nullable Resampler resampler;
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, byte[]> digests = new HashMap<>();
    private final int[] missingSources;
    private final short[] @Nullable [] slices;
    private final int[] @Nullable [] sums;
    private final BitSet brain = new BitSet();

    HeadVolume(HeadGeometry geometry) {
        this.geometry = geometry;
        boolean native512 = geometry.rows() == SIDE && geometry.columns() == SIDE;
        this.resampler = native512 ? null : new Resampler(geometry.rows(), geometry.columns(), SIDE, SIDE);
        int count = geometry.slices().size();
        this.missingSources = new int[count];
        this.slices = new short[count][];
        this.sums = new int[count][];
        for (int i = 0; i < count; i++) {
            List<SliceHeader> sources = geometry.slices().get(i).sources();
            missingSources[i] = sources.size();
            for (SliceHeader source : sources) {
                places.put(source.sopInstanceUid(), new Place(i, source));
            }
        }
    }

    HeadGeometry geometry() {
        return geometry;
    }

    /** Whether this source belongs to the volume and has not come yet. */
    boolean awaits(String sopInstanceUid) {
        return places.containsKey(sopInstanceUid) && !digests.containsKey(sopInstanceUid);
    }

    /** Sources that have not come. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (SliceHeader source : geometry.sources()) {
            if (!digests.containsKey(source.sopInstanceUid())) {
                missing.add(source.sopInstanceUid());
            }
        }
        return missing;
    }

    /** Which slice of the volume a source belongs to. */
    private record Place(int slice, SliceHeader source) {}

    /**
     * Takes one awaited source slice; the array is the volume's from now on.
     *
     * @param stored HU of {@code rows x columns} as the source stores them
     * @return the slice that is complete with it, if any
     */
    OptionalInt put(String sopInstanceUid, short[] stored) {
        Place place = places.get(sopInstanceUid);
        if (place == null || digests.containsKey(sopInstanceUid)) {
            throw new IllegalStateException("a slice that is not awaited");
        }
        int index = place.slice();
        SliceHeader source = place.source();
        short[] hu = source.turn().turned(stored, source.rows(), source.columns());
        digests.put(sopInstanceUid, digest(hu));
        short[] sized = resampler == null ? hu : resampler.apply(hu);
        HeadSlice slice = geometry.slices().get(index);
        missingSources[index]--;
        if (slice.sources().size() > 1) {
            add(index, sized);
        }
        if (missingSources[index] > 0) {
            return OptionalInt.empty();
        }
        short[] complete =
                slice.sources().size() > 1 ? mean(index, slice.sources().size()) : sized;
        slices[index] = complete;
        if (HeadCheck.showsBrain(complete, networkPixelAreaMm2())) {
            brain.set(index);
        }
        return OptionalInt.of(index);
    }

    private void add(int index, short[] hu) {
        int[] sum = sums[index];
        if (sum == null) {
            sum = new int[SIDE * SIDE];
            sums[index] = sum;
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += hu[i];
        }
    }

    private short[] mean(int index, int count) {
        int[] sum = sums[index];
        if (sum == null) {
            throw new IllegalStateException("a mean of nothing");
        }
        sums[index] = null;
        short[] mean = new short[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (short) Math.round((float) sum[i] / count);
        }
        return mean;
    }

    /** HU of a complete slice. */
    short[] slice(int index) {
        short[] hu = slices[index];
        if (hu == null) {
            throw new IllegalStateException("slice " + index + " is not complete");
        }
        return hu;
    }

    int size() {
        return slices.length;
    }

    /** Whether enough of the slices so far show brain inside a skull (rule 9: else nothing may be said of the study). */
    boolean looksLikeHead() {
        return brain.cardinality() >= Math.min(BRAIN_SLICES_MIN, slices.length);
    }

    /** Extent of the slices so far that show brain, from the lowest to the highest and with their depths, mm; 0 when none does. */
    double coverageMm() {
        double extent = 0;
        for (int i = Math.max(0, brain.nextSetBit(0)); i < brain.length(); i++) {
            extent += geometry.slices().get(i).depthMm();
        }
        return extent;
    }

    /** Where along the body's axis brain was seen so far. */
    StackLook.BrainReach brainReach() {
        if (brain.isEmpty()) {
            return StackLook.BrainReach.NONE;
        }
        int lowest = brain.nextSetBit(0);
        int highest = brain.length() - 1;
        return new StackLook.BrainReach(
                axisMm(lowest) - geometry.slices().get(lowest).depthMm() / 2,
                axisMm(highest) + geometry.slices().get(highest).depthMm() / 2);
    }

    private double axisMm(int index) {
        SliceHeader centre = geometry.slices().get(index).centre();
        Plane plane = centre.plane();
        return plane == null
                ? 0
                : plane.at(centre.rows() / 2, centre.columns() / 2).z();
    }

    /** Volume of one voxel at the network's size, mL. */
    double voxelMl(int index) {
        return networkPixelAreaMm2() * geometry.slices().get(index).depthMm() / 1000;
    }

    private double networkPixelAreaMm2() {
        return geometry.pixelAreaMm2() * geometry.rows() * geometry.columns() / (SIDE * SIDE);
    }

    /** Hexadecimal SHA-256 over the sources' UIDs and turned pixels in HU, from feet to head, in whatever order they came. */
    String inputDigest() {
        MessageDigest sha = sha256();
        for (SliceHeader source : geometry.sources()) {
            byte[] pixels = digests.get(source.sopInstanceUid());
            if (pixels == null) {
                throw new IllegalStateException("a digest of an incomplete volume");
            }
            sha.update(source.sopInstanceUid().getBytes(StandardCharsets.US_ASCII));
            sha.update((byte) 0);
            sha.update(pixels);
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private static byte[] digest(short[] hu) {
        MessageDigest sha = sha256();
        ByteBuffer step = ByteBuffer.allocate(DIGEST_STEP_PIXELS * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < hu.length; from += DIGEST_STEP_PIXELS) {
            int count = Math.min(DIGEST_STEP_PIXELS, hu.length - from);
            step.clear();
            step.asShortBuffer().put(hu, from, count);
            sha.update(step.array(), 0, count * Short.BYTES);
        }
        return sha.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
