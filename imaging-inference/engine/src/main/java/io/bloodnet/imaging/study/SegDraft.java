package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.seg.SegInput;
import io.bloodnet.imaging.seg.SegWriter;
import java.time.Instant;
import java.util.List;

/**
 * A mask with the headers of the slices that it lies on.
 *
 * @param sources all source slices of the series, from feet to head
 */
record SegDraft(Mask mask, List<DicomObject> sources, ModelId model) implements StudyAnalyzer.MaskDraft {

    SegDraft {
        sources = List.copyOf(sources);
    }

    @Override
    public byte[] toSeg(String sopInstanceUid, String seriesUid, Instant at) {
        return SegWriter.write(new SegInput(mask, sources, model, sopInstanceUid, seriesUid, at));
    }
}
