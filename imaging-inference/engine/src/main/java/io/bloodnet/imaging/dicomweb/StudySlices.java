package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.geometry.EdgeLetters;
import io.bloodnet.imaging.head.HuTable;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.SeriesImages;
import io.bloodnet.imaging.study.StudySourceException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Single slices of a study in HU, for people who look at what was analyzed. Safe for all threads; calls block for a bounded time. */
public final class StudySlices {

    private final SeriesImages images;
    private final DicomLimits limits;

    /** Over this archive. */
    public StudySlices(DicomWebClient archive, DicomLimits limits) {
        this.images = archive.images();
        this.limits = limits;
    }

    /**
     * One slice as the archive stores it.
     *
     * @param rowMm distance of rows, mm; 1 where the image does not tell
     * @param columnMm distance of columns, mm; 1 where the image does not tell
     * @param edges the patient's sides at the left, right, top and bottom edge, see {@link EdgeLetters}
     * @param hu {@code rows x columns}, row by row
     */
    public record HuSlice(int rows, int columns, double rowMm, double columnMm, String edges, short[] hu) {}

    /**
     * Reads one slice.
     *
     * @param patientId whom the image must be of; null when the analyzed images named nobody
     * @return empty when the archive does not give it, or it is no single image that can be decoded here
     * @throws StudySourceException when the archive cannot be asked now, or gives an image of another study or patient
     */
    public Optional<HuSlice> read(
            StudyUid studyUid, String seriesUid, String sopInstanceUid, @Nullable String patientId) {
        for (SeriesImages.Encoding encoding : SeriesImages.Encoding.values()) {
            Taken taken = new Taken(studyUid, sopInstanceUid, patientId);
            images.readInstance(studyUid, seriesUid, sopInstanceUid, encoding, taken);
            if (taken.slice != null) {
                return Optional.of(taken.slice);
            }
        }
        return Optional.empty();
    }

    private final class Taken implements SeriesImages.Sink {
        private final StudyUid studyUid;
        private final String sopInstanceUid;
        private final @Nullable String patientId;
        private @Nullable HuSlice slice;

        Taken(StudyUid studyUid, String sopInstanceUid, @Nullable String patientId) {
            this.studyUid = studyUid;
            this.sopInstanceUid = sopInstanceUid;
            this.patientId = patientId;
        }

        @Override
        public void take(byte[] part10) {
            try {
                slice = slice(new DicomReader(limits).read(part10));
            } catch (DicomException e) {
                slice = null; // damaged: asked for in another encoding
            }
        }

        private @Nullable HuSlice slice(DicomFile file) {
            DicomObject header = file.dataSet();
            boolean same = header.requiredUid(Tag.STUDY_INSTANCE_UID).equals(studyUid.value())
                    && header.requiredUid(Tag.SOP_INSTANCE_UID).equals(sopInstanceUid);
            String patient = header.string(Tag.PATIENT_ID).orElse("").strip();
            if (!same || patientId != null && !patient.equals(patientId)) {
                throw new StudySourceException(
                        StudySourceException.Code.BAD_ANSWER, "the archive sent an image of another study or patient");
            }
            OptionalInt frames = header.integer(Tag.NUMBER_OF_FRAMES);
            if (frames.isPresent() && frames.getAsInt() > 1) {
                return null; // which frame is not told by the instance's UID
            }
            return switch (new FrameDecoder(limits).decode(file, 0)) {
                case FrameDecoding.UndecodableTransferSyntax _ -> null;
                case FrameDecoding.Frame frame -> {
                    double[] spacing = header.decimals(Tag.PIXEL_SPACING);
                    boolean told = spacing.length == 2 && spacing[0] > 0 && spacing[1] > 0;
                    int rows = frame.rows();
                    int columns = frame.columns();
                    yield new HuSlice(
                            rows,
                            columns,
                            told ? spacing[0] : 1,
                            told ? spacing[1] : 1,
                            EdgeLetters.of(header.decimals(Tag.IMAGE_ORIENTATION_PATIENT)),
                            new HuTable().inPlace(frame, header));
                }
            };
        }
    }
}
