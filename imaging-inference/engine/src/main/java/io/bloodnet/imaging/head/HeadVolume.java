package io.bloodnet.imaging.head;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.SliceId;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Turn;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.series.HeadGeometry;
import io.bloodnet.imaging.series.HeadGeometry.HeadSlice;
import io.bloodnet.imaging.series.SliceHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The chosen series as ordered slices in HU, in the one orientation ({@link Turn}) and at the network's size. It fills while source slices arrive in any order; one thread fills it,
 * and a slice may be read by others once {@link #put} said that it is complete and the word was passed on safely.
 */
public final class HeadVolume {

    /** Rows and columns that the network takes. */
    public static final int SIDE = 512;

    /** Slices with brain in a skull that make a head: 15 mm of brain at least. */
    private static final int BRAIN_SLICES_MIN = 3;

    /** Two slices of 5 mm that are missing side by side; one that is missing is bridged and flagged. */
    private static final double HOLE_MM_MIN = 11;

    private static final double HOLE_RATIO = 2.2;

    /** A slice further away than this many of the smallest distances has another one in between that has not come yet. */
    private static final double NEXT_RATIO = 1.5;

    /** Least part of a slice that is air, in the median: a head is surrounded by it. */
    private static final double AIR_PART_MIN = 0.02;

    /** Median of the brain, HU: 27 to 44 in real heads; edema and atrophy lower it, contrast medium raises it. */
    private static final int BRAIN_HU_MIN = 12;

    private static final int BRAIN_HU_MAX = 52;

    private static final int DIGEST_STEP_PIXELS = 4096;

    private final HeadGeometry geometry;
    private final boolean searching;
    private final Field shown;
    private final @Nullable Resampler resampler;
    private Field field;
    private final Map<SliceId, Place> places = new HashMap<>();
    private final Map<SliceId, byte[]> digests = new HashMap<>();
    private final byte[] @Nullable [] sliceDigests;
    private final int[] missingSources;
    private final short[] @Nullable [] slices;
    private final short[] @Nullable [] wide;
    private final int[] @Nullable [] sums;
    private final HeadCheck.Look[] looks;
    private final BitSet brain = new BitSet();
    private boolean repaired;

    public HeadVolume(HeadGeometry geometry) {
        this.geometry = geometry;
        this.searching = Field.isPart(geometry.grid());
        this.field = Field.around(geometry.grid());
        this.shown = searching ? Field.whole(geometry.grid()) : field;
        this.resampler = shown.isSlice(geometry.grid()) ? null : new Resampler(geometry.grid(), shown);
        int count = geometry.slices().size();
        this.missingSources = new int[count];
        this.sliceDigests = new byte[count][];
        this.slices = new short[count][];
        this.sums = new int[count][];
        this.wide = new short[count][];
        this.looks = new HeadCheck.Look[count];
        for (int i = 0; i < count; i++) {
            List<SliceHeader> sources = geometry.slices().get(i).sources();
            missingSources[i] = sources.size();
            for (SliceHeader source : sources) {
                places.put(source.id(), new Place(i, source));
            }
        }
    }

    public HeadGeometry geometry() {
        return geometry;
    }

    /** Whether this source belongs to the volume and has not come yet. */
    public boolean awaits(SliceId slice) {
        return places.containsKey(slice) && !digests.containsKey(slice);
    }

    /** Sources that have not come. */
    public List<SliceId> missing() {
        return geometry.sources().stream()
                .map(SliceHeader::id)
                .filter(slice -> !digests.containsKey(slice))
                .toList();
    }

    /** Which slice of the volume a source belongs to. */
    private record Place(int slice, SliceHeader source) {}

    /**
     * Takes one awaited source slice; the array is the volume's from now on.
     *
     * @param stored HU of {@code rows x columns} as the source stores them
     * @param complete told each slice that is complete with it
     */
    public void put(SliceId slice, short[] stored, IntConsumer complete) {
        Place place = places.get(slice);
        if (place == null || digests.containsKey(slice)) {
            throw new IllegalStateException("a slice that is not awaited");
        }
        int index = place.slice();
        SliceHeader source = place.source();
        short[] hu = source.turn().turned(stored, source.rows(), source.columns());
        digests.put(slice, digest(hu));
        short[] gathered = gather(index, source, hu);
        if (gathered == null) {
            return;
        }
        slices[index] = resampler == null ? gathered : resampler.apply(gathered);
        HeadCheck.Look look = HeadCheck.look(slice(index), shown.pixelMm() * shown.pixelMm());
        looks[index] = look;
        brain.set(index, look.brain());
        if (!searching) {
            complete.accept(index);
            return;
        }
        wide[index] = gathered;
        if (digests.size() == places.size()) {
            findHead();
            IntStream.range(0, slices.length).forEach(complete);
        }
    }

    /** The network's slice at the source's size: the only source, or the mean by depth of thin neighbours. */
    private short @Nullable [] gather(int index, SliceHeader source, short[] hu) {
        HeadSlice slice = geometry.slices().get(index);
        missingSources[index]--;
        if (slice.sources().size() == 1) {
            return hu;
        }
        int[] sum = sums[index];
        if (sum == null) {
            sum = new int[hu.length];
            sums[index] = sum;
        }
        int weight = slice.weight(source);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += weight * hu[i];
        }
        if (missingSources[index] > 0) {
            return null;
        }
        sums[index] = null;
        double weights = slice.sources().stream().mapToInt(slice::weight).sum();
        short[] mean = new short[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (short) Math.round(sum[i] / weights);
        }
        return mean;
    }

    /** A wide field may have the head anywhere: it is looked for once all slices are there, and shown as large as in training. */
    private void findHead() {
        double[] middle = HeadMiddle.of(this);
        field = field.movedTo(middle[0], middle[1]);
        Resampler close = new Resampler(geometry.grid(), field);
        for (int i = 0; i < slices.length; i++) {
            slices[i] = close.apply(Objects.requireNonNull(wide[i]));
            wide[i] = null;
        }
    }

    /** Where the brain lies, as far as the slices have come. */
    BrainExtent extent() {
        return BrainExtent.of(geometry.slices(), brain);
    }

    /** What the network sees of each slice; final once the volume is complete. */
    public Field field() {
        return field;
    }

    /** HU of a complete slice. */
    public short[] slice(int index) {
        short[] hu = slices[index];
        if (hu == null) {
            throw new IllegalStateException("slice " + index + " is not complete");
        }
        return hu;
    }

    public int size() {
        return slices.length;
    }

    /**
     * SHA-256 of all that the network sees when it judges a slice: the slices of its window, with replicated edges, and its voxels' size. Windows of
     * equal digests are judged alike. Asked for by the filling thread, when the slices of the window are complete.
     */
    public byte[] windowDigest(int index) {
        MessageDigest sha = Sha256.begin();
        for (int i = index - BloodNet.WINDOW_RADIUS; i <= index + BloodNet.WINDOW_RADIUS; i++) {
            sha.update(sliceDigest(Math.clamp(i, 0, slices.length - 1)));
        }
        sha.update(ByteBuffer.allocate(Float.BYTES)
                .putFloat((float) voxelMl(index))
                .array());
        return sha.digest();
    }

    private byte[] sliceDigest(int index) {
        byte[] known = sliceDigests[index];
        if (known != null) {
            return known;
        }
        List<SliceHeader> sources = geometry.slices().get(index).sources();
        byte[] source = digests.get(sources.getFirst().id());
        boolean asItCame = resampler == null && !searching && sources.size() == 1;
        byte[] made = asItCame && source != null ? source : digest(slice(index));
        sliceDigests[index] = made;
        return made;
    }

    /** Word that stored values were read otherwise than the images call them, see {@link InputFlag#PIXELS_REPAIRED}. */
    public void repaired() {
        repaired = true;
    }

    /** What a reader should know of the images, by geometry and by content. */
    public List<InputFlag> flags() {
        EnumSet<InputFlag> flags = EnumSet.noneOf(InputFlag.class);
        flags.addAll(geometry.flags());
        add(flags, InputFlag.RESAMPLED, !field.isSlice(geometry.grid()));
        add(flags, InputFlag.PIXELS_REPAIRED, repaired);
        add(flags, InputFlag.NECK_LEFT_OUT, counting().cardinality() < slices.length);
        add(flags, InputFlag.INCOMPLETE_COVERAGE, holeMm() > 0);
        return List.copyOf(flags);
    }

    private static void add(EnumSet<InputFlag> flags, InputFlag flag, boolean holds) {
        if (holds) {
            flags.add(flag);
        }
    }

    /** Whether enough of the slices show brain inside a skull (rule 9: else nothing may be said of the study), in possible HU. */
    boolean looksLikeHead() {
        return contentRefusal() == null;
    }

    /** Why nothing may be said of a complete volume whatever the network says; null when it is a head. */
    @Nullable
    public NotAnalyzedReason contentRefusal() {
        boolean head = extent().slices() >= Math.min(BRAIN_SLICES_MIN, slices.length);
        double air = median(Arrays.stream(looks).mapToDouble(HeadCheck.Look::air));
        if (air < AIR_PART_MIN) {
            return NotAnalyzedReason.IMPOSSIBLE_HU;
        }
        if (!head) {
            return NotAnalyzedReason.NOT_A_HEAD;
        }
        double tissue =
                median(Arrays.stream(looks).filter(HeadCheck.Look::brain).mapToDouble(HeadCheck.Look::tissueHu));
        return tissue >= BRAIN_HU_MIN && tissue <= BRAIN_HU_MAX ? null : NotAnalyzedReason.IMPOSSIBLE_HU;
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** How much brain the volume shows from base to vertex, mm. */
    public double coverageMm() {
        return extent().mm();
    }

    /** The largest distance between slices that hides more brain than half distances can stand for, mm; 0 when there is none. */
    public double holeMm() {
        BitSet counting = counting();
        int last = extent().last();
        double largest = 0;
        for (int i = counting.nextSetBit(0); i >= 0 && i < last; i = counting.nextSetBit(i + 1)) {
            largest = Math.max(
                    largest, geometry.slices().get(i).gapTo(geometry.slices().get(i + 1)));
        }
        boolean hole = largest > HOLE_MM_MIN && largest > HOLE_RATIO * geometry.medianGapMm();
        return hole ? largest : 0;
    }

    /** The slices of a complete volume whose judgement counts: brain and what lies close below it, but no neck. */
    public BitSet counting() {
        BrainExtent extent = extent();
        BitSet counting = new BitSet();
        for (int i = 0; i < slices.length; i++) {
            counting.set(i, extent.counts(geometry.slices(), i));
        }
        return counting;
    }

    /** Whether a slice shows brain and has all the neighbours that it is judged with, none of which is further away than the next. */
    public boolean isWithinBrain(int index) {
        int low = index - BloodNet.WINDOW_RADIUS;
        int high = index + BloodNet.WINDOW_RADIUS;
        if (low < 0 || high >= slices.length || !brain.get(index)) {
            return false;
        }
        double next = gaps(0, slices.length - 1).min().orElse(0);
        return gaps(low, high).allMatch(gap -> gap <= NEXT_RATIO * next);
    }

    private DoubleStream gaps(int low, int high) {
        return IntStream.range(low, high)
                .mapToDouble(
                        i -> geometry.slices().get(i).gapTo(geometry.slices().get(i + 1)));
    }

    /** Where along the body's axis brain was seen so far. */
    public BrainReach brainReach() {
        if (brain.isEmpty()) {
            return BrainReach.NONE;
        }
        int lowest = extent().first();
        int highest = extent().last();
        return new BrainReach(
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
    public double voxelMl(int index) {
        return field.pixelMm() * field.pixelMm() * geometry.slices().get(index).depthMm() / 1000;
    }

    /** Hexadecimal SHA-256 over the sources' UIDs, frame numbers where they are frames, and turned pixels in HU, from feet to head, in whatever order they came. */
    public String inputDigest() {
        MessageDigest sha = Sha256.begin();
        for (SliceHeader source : geometry.sources()) {
            byte[] pixels = digests.get(source.id());
            if (pixels == null) {
                throw new IllegalStateException("a digest of an incomplete volume");
            }
            sha.update(source.sopInstanceUid().getBytes(StandardCharsets.US_ASCII));
            if (source.frame() > 0) {
                sha.update(("#" + source.frame()).getBytes(StandardCharsets.US_ASCII));
            }
            sha.update((byte) 0);
            sha.update(pixels);
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private static byte[] digest(short[] hu) {
        MessageDigest sha = Sha256.begin();
        ByteBuffer step = ByteBuffer.allocate(DIGEST_STEP_PIXELS * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < hu.length; from += DIGEST_STEP_PIXELS) {
            int count = Math.min(DIGEST_STEP_PIXELS, hu.length - from);
            step.clear();
            step.asShortBuffer().put(hu, from, count);
            sha.update(step.array(), 0, count * Short.BYTES);
        }
        return sha.digest();
    }
}
