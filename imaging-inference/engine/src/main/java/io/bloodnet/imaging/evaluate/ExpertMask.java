package io.bloodnet.imaging.evaluate;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.finding.SliceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Blood as a BINARY DICOM Segmentation (PS3.3 A.51) tells it, by source slice; all its segments count as blood.
 *
 * @param rows of every frame
 * @param columns of every frame
 * @param blood voxels by the slice that they lie on, row by row
 */
record ExpertMask(int rows, int columns, Map<SliceId, BitSet> blood) {

    private static final long BYTES_MAX = DicomLimits.DEFAULT.maxInstanceBytes();

    /** No blood at all. */
    static final ExpertMask EMPTY = new ExpertMask(0, 0, Map.of());

    ExpertMask {
        blood = Map.copyOf(blood);
    }

    /**
     * Reads a Part 10 file.
     *
     * @throws BadMaskException when it is no such SEG, or does not say which slice a frame lies on
     */
    static ExpertMask read(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new BadMaskException("the mask has more than " + BYTES_MAX + " bytes");
        }
        return read(Files.readAllBytes(file));
    }

    static ExpertMask read(byte[] part10) {
        try {
            return of(new DicomReader(DicomLimits.DEFAULT).read(part10).dataSet());
        } catch (DicomException e) {
            throw new BadMaskException("the mask is not a readable DICOM SEG: " + e.getMessage());
        }
    }

    private static ExpertMask of(DicomObject seg) {
        if (!seg.string(Tag.SEGMENTATION_TYPE).orElse("").equals("BINARY")
                || seg.requiredInteger(Tag.BITS_ALLOCATED) != 1) {
            throw new BadMaskException("the mask's SegmentationType is not BINARY");
        }
        int rows = seg.requiredInteger(Tag.ROWS);
        int columns = seg.requiredInteger(Tag.COLUMNS);
        Bytes pixels = seg.bytes(Tag.PIXEL_DATA)
                .orElseThrow(() -> new BadMaskException("the mask has no uncompressed PixelData"));
        Map<SliceId, BitSet> blood = new HashMap<>();
        long start = 0;
        long framePixels = (long) rows * columns;
        for (DicomObject group : seg.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)) {
            if ((start + framePixels + 7) / 8 > pixels.length()) {
                throw new BadMaskException("the mask's PixelData ends before its last frame");
            }
            BitSet voxels = blood.computeIfAbsent(sourceOf(group), _ -> new BitSet(rows * columns));
            for (int voxel = 0; voxel < framePixels; voxel++) {
                long bit = start + voxel;
                if ((pixels.at((int) (bit >> 3)) >> (bit & 7) & 1) != 0) {
                    voxels.set(voxel);
                }
            }
            start += framePixels;
        }
        return new ExpertMask(rows, columns, blood);
    }

    private static SliceId sourceOf(DicomObject group) {
        return group.sequence(Tag.DERIVATION_IMAGE_SEQUENCE).stream()
                .flatMap(derivation -> derivation.sequence(Tag.SOURCE_IMAGE_SEQUENCE).stream())
                .map(source -> new SliceId(
                        source.requiredUid(Tag.REFERENCED_SOP_INSTANCE_UID),
                        source.integer(Tag.REFERENCED_FRAME_NUMBER).orElse(0)))
                .findFirst()
                .orElseThrow(() -> new BadMaskException("a frame of the mask names no source image"));
    }

    /**
     * Dice's overlap of two masks of one study, 0 to 1; 1 when both are empty.
     *
     * @throws BadMaskException when their frames differ in size
     */
    double dice(ExpertMask other) {
        boolean comparable =
                blood.isEmpty() || other.blood.isEmpty() || (rows == other.rows && columns == other.columns);
        if (!comparable) {
            throw new BadMaskException("the mask's frames are not of the size of the images");
        }
        long both = 0;
        for (Map.Entry<SliceId, BitSet> slice : blood.entrySet()) {
            BitSet common = (BitSet) slice.getValue().clone();
            common.and(other.blood.getOrDefault(slice.getKey(), new BitSet()));
            both += common.cardinality();
        }
        long sum = voxels() + other.voxels();
        return sum == 0 ? 1 : 2.0 * both / sum;
    }

    /** Voxels that are blood. */
    long voxels() {
        return blood.values().stream().mapToLong(BitSet::cardinality).sum();
    }
}
