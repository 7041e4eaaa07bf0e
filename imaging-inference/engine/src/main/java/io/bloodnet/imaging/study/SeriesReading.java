package io.bloodnet.imaging.study;

import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.SliceId;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.head.HeadVolume;
import io.bloodnet.imaging.head.HuTable;
import io.bloodnet.imaging.multiframe.ImageFrames;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.series.SliceHeader;
import io.bloodnet.imaging.series.SliceHeaders;
import io.bloodnet.imaging.study.SeriesImages.Encoding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fills one HeadVolume from a source: the series in one stream, then what is missing or damaged one by one. Used by one thread. */
public final class SeriesReading {

    /** Planned and fetched positions of the same slice agree within this, mm. */
    private static final double POSITION_TOLERANCE_MM = 0.01;

    private static final Logger LOG = LoggerFactory.getLogger(SeriesReading.class);

    private final SeriesImages images;
    private final StudyUid studyUid;
    private final @Nullable String patientId;
    private final HeadVolume volume;
    private final IntConsumer sliceComplete;
    private final DicomReader reader;
    private final FrameDecoder decoder;
    private final HuTable hu = new HuTable();
    private final Map<SliceId, SliceHeader> planned = new HashMap<>();
    private final Map<SliceId, DicomObject> headers = new HashMap<>();
    private final Set<String> undecodable = new HashSet<>();
    private boolean contradictory;
    private int instances;
    private long bytes;

    /**
     * @param patientId of the listing; every instance must carry it; null to take whatever comes
     * @param sliceComplete told each slice of the volume that is complete, in this thread
     */
    public SeriesReading(
            SeriesImages images,
            StudySource.StudyListing listing,
            HeadVolume volume,
            DicomLimits limits,
            IntConsumer sliceComplete) {
        this.images = images;
        this.studyUid = listing.studyUid();
        this.patientId =
                listing.patient() == null ? null : listing.patient().id().value();
        this.volume = volume;
        this.sliceComplete = sliceComplete;
        this.reader = new DicomReader(limits);
        this.decoder = new FrameDecoder(limits);
        for (SliceHeader source : volume.geometry().sources()) {
            planned.put(source.id(), source);
        }
    }

    /**
     * Reads until the volume is complete or the source has no more to give.
     *
     * @return why the volume is not complete; empty when it is
     * @throws StudySourceException when the source breaks off, or gives instances of another study or patient
     */
    public Optional<NotAnalyzedReason> read() {
        String seriesUid = volume.geometry().seriesUid();
        StudySourceException refusal = readWhole(seriesUid);
        for (Encoding encoding : Encoding.values()) {
            for (String missing : missingInstances()) {
                images.readInstance(studyUid, seriesUid, missing, encoding, this::take);
            }
        }
        if (refusal != null && instances == 0) {
            throw refusal; // neither whole nor in pieces: that is about the archive, not about the images
        }
        return volume.missing().isEmpty() ? Optional.empty() : Optional.of(whyIncomplete());
    }

    private List<String> missingInstances() {
        return volume.missing().stream().map(SliceId::sopInstanceUid).distinct().toList();
    }

    /** The series in one stream, in the first encoding that the archive gives; what it refuses is asked for one by one. */
    private @Nullable StudySourceException readWhole(String seriesUid) {
        StudySourceException refusal = null;
        for (Encoding encoding : Encoding.values()) {
            try {
                images.readSeries(studyUid, seriesUid, encoding, this::take);
                return null;
            } catch (StudySourceException e) {
                // Archives that cannot decompress what they keep, or give no whole series, say so with a 4xx or a plain
                // 500.
                if (e.code() != StudySourceException.Code.REFUSED && e.code() != StudySourceException.Code.BUSY) {
                    throw e;
                }
                LOG.info("series refused as {} ({}), next: another way", encoding, e.code());
                refusal = e;
            }
        }
        return refusal;
    }

    private NotAnalyzedReason whyIncomplete() {
        if (contradictory) {
            return NotAnalyzedReason.BAD_GEOMETRY;
        }
        boolean cannotDecode = missingInstances().stream().anyMatch(undecodable::contains);
        return cannotDecode ? NotAnalyzedReason.UNDECODABLE : NotAnalyzedReason.INCOMPLETE;
    }

    private void take(byte[] part10) {
        instances++;
        bytes += part10.length;
        try {
            take(reader.read(part10));
        } catch (DicomException e) {
            LOG.info("instance damaged ({}), next: asked for again", e.code());
        }
    }

    private void take(DicomFile file) {
        DicomObject dataSet = file.dataSet();
        requireSameStudy(dataSet);
        for (DicomObject slice : ImageFrames.of(dataSet.header(), SeriesSelection.SOURCE_SLICES_MAX)) {
            try {
                take(file, slice);
            } catch (DicomException e) {
                LOG.info("slice damaged ({}), next: asked for again", e.code());
            }
        }
    }

    /** @param slice the header of an image of one slice, or of one frame */
    private void take(DicomFile file, DicomObject slice) {
        SliceHeader header = SliceHeaders.of(slice);
        if (!volume.awaits(header.id())) {
            return;
        }
        switch (decoder.decode(file, Math.max(0, header.frame() - 1))) {
            case FrameDecoding.UndecodableTransferSyntax _ -> undecodable.add(header.sopInstanceUid());
            case FrameDecoding.Frame frame -> {
                if (!isAsPlanned(header, frame)) {
                    contradictory = true;
                    return;
                }
                headers.put(header.id(), slice);
                short[] values = hu.inPlace(frame, slice);
                if (hu.repaired()) {
                    volume.repaired();
                }
                volume.put(header.id(), values, sliceComplete);
            }
        }
    }

    /** Nothing of another study or patient may enter a finding, whatever was asked for. */
    private void requireSameStudy(DicomObject dataSet) {
        if (!dataSet.requiredUid(Tag.STUDY_INSTANCE_UID).equals(studyUid.value())) {
            throw new StudySourceException(
                    StudySourceException.Code.BAD_ANSWER, "the archive sent an instance of another study");
        }
        String id = dataSet.string(Tag.PATIENT_ID).orElse("").strip();
        if (patientId != null && !id.equals(patientId)) {
            throw new StudySourceException(
                    StudySourceException.Code.BAD_ANSWER, "the archive sent an instance of another patient");
        }
    }

    /** Metadata and file must tell the same geometry: the plan was made from the metadata. */
    private boolean isAsPlanned(SliceHeader header, FrameDecoding.Frame frame) {
        SliceHeader planHeader = planned.get(header.id());
        if (planHeader == null) {
            return false;
        }
        Plane plan = planHeader.plane();
        Plane plane = header.plane();
        return plane != null
                && plan != null
                && frame.rows() == planHeader.rows()
                && frame.columns() == planHeader.columns()
                && plane.position().minus(plan.position()).length() < POSITION_TOLERANCE_MM
                && plane.alongRow().minus(plan.alongRow()).length() < POSITION_TOLERANCE_MM
                && plane.alongColumn().minus(plan.alongColumn()).length() < POSITION_TOLERANCE_MM
                && Math.abs(plane.rowSpacingMm() - plan.rowSpacingMm()) < POSITION_TOLERANCE_MM
                && Math.abs(plane.columnSpacingMm() - plan.columnSpacingMm()) < POSITION_TOLERANCE_MM;
    }

    /** Headers of the slices that were taken, without pixels, from feet to head. */
    List<DicomObject> headersInOrder() {
        List<DicomObject> ordered = new ArrayList<>(headers.size());
        for (SliceHeader source : volume.geometry().sources()) {
            DicomObject header = headers.get(source.id());
            if (header != null) {
                ordered.add(header);
            }
        }
        return ordered;
    }

    int instances() {
        return instances;
    }

    public long bytes() {
        return bytes;
    }
}
