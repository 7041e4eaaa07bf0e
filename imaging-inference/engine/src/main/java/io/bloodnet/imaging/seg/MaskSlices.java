package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import java.util.Optional;

/** Reads single frames out of a BINARY DICOM SEG that {@link SegWriter} wrote (PS3.3 A.51), to be drawn over their slices. */
public final class MaskSlices {

    private MaskSlices() {}

    /**
     * The frame that lies on a slice.
     *
     * @param bits row by row, eight voxels a byte, the first in the lowest bit; the last byte is filled up with zeros
     */
    public record MaskSlice(int rows, int columns, byte[] bits) {}

    /** The frame that names this slice as its source; empty when no blood was outlined there, or the file cannot be read. */
    public static Optional<MaskSlice> of(byte[] seg, String sopInstanceUid) {
        try {
            DicomObject set = new DicomReader(DicomLimits.DEFAULT).read(seg).dataSet();
            int rows = set.requiredInteger(Tag.ROWS);
            int columns = set.requiredInteger(Tag.COLUMNS);
            Optional<Bytes> pixels = set.bytes(Tag.PIXEL_DATA);
            long start = 0;
            for (DicomObject group : set.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)) {
                if (pixels.isPresent() && isOn(group, sopInstanceUid)) {
                    return Optional.of(new MaskSlice(rows, columns, frame(pixels.get(), start, rows * columns)));
                }
                start += (long) rows * columns;
            }
            return Optional.empty();
        } catch (DicomException e) {
            return Optional.empty();
        }
    }

    private static boolean isOn(DicomObject group, String sopInstanceUid) {
        return group.sequence(Tag.DERIVATION_IMAGE_SEQUENCE).stream()
                .flatMap(derivation -> derivation.sequence(Tag.SOURCE_IMAGE_SEQUENCE).stream())
                .anyMatch(source ->
                        source.requiredUid(Tag.REFERENCED_SOP_INSTANCE_UID).equals(sopInstanceUid));
    }

    private static byte[] frame(Bytes pixels, long start, int voxels) {
        byte[] bits = new byte[(voxels + 7) / 8];
        for (int i = 0; i < voxels; i++) {
            long bit = start + i;
            if ((pixels.at((int) (bit >> 3)) >> (bit & 7) & 1) != 0) {
                bits[i >> 3] |= (byte) (1 << (i & 7));
            }
        }
        return bits;
    }
}
