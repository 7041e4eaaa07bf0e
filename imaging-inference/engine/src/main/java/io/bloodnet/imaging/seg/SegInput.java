package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.ModelId;
import java.time.Instant;
import java.util.List;

/**
 * What a DICOM SEG is made from.
 *
 * @param mask at least one frame, each on one of the sources
 * @param sources the headers of all slices of the chosen series, from feet to head, also those without blood: their positions give the
 *     measured slice distance; a frame of a multi-frame image as a data set of its own that says its number in (0008,1160)
 * @param model the network that found the blood
 * @param sopInstanceUid UID of the SEG
 * @param seriesUid UID of its series
 * @param at content date and time
 */
public record SegInput(
        Mask mask, List<DicomObject> sources, ModelId model, String sopInstanceUid, String seriesUid, Instant at) {

    /** @throws IllegalArgumentException when the mask is empty (no blood, no SEG), or does not fit its sources */
    public SegInput {
        sources = List.copyOf(sources);
        if (mask.isEmpty()) {
            throw new IllegalArgumentException("no SEG of a mask without voxels");
        }
        if (!DicomObject.isUid(sopInstanceUid) || !DicomObject.isUid(seriesUid)) {
            throw new IllegalArgumentException("SEG identifiers that are no UIDs");
        }
        for (DicomObject source : sources) {
            if (source.requiredInteger(Tag.ROWS) != mask.rows()
                    || source.requiredInteger(Tag.COLUMNS) != mask.columns()) {
                throw new IllegalArgumentException(
                        "mask of " + mask.rows() + " x " + mask.columns() + " on other slices");
            }
        }
        int pixels = mask.rows() * mask.columns();
        for (Mask.Frame frame : mask.frames()) {
            if ((pixels & 7) != 0 && (frame.bits()[frame.bits().length - 1] & 0xFF) >>> (pixels & 7) != 0) {
                throw new IllegalArgumentException("mask frame with bits beyond its last voxel");
            }
        }
    }
}
