package io.bloodnet.imaging.series;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Vector3;
import io.bloodnet.imaging.multiframe.ImageFrames;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a {@link SliceHeader} from a data set, of a file or of WADO-RS metadata. */
public final class SliceHeaders {

    private SliceHeaders() {}

    /**
     * The slices of an instance: one of a classic image, each frame of a multi-frame one.
     *
     * @throws DicomException when the data set does not say which instance it is, or its number of frames is no number
     */
    public static List<SliceHeader> ofInstance(DicomObject dataSet) {
        return ImageFrames.of(dataSet, SeriesSelection.SOURCE_SLICES_MAX).stream()
                .map(SliceHeaders::of)
                .toList();
    }

    /**
     * One slice, as {@link ImageFrames} gives it.
     *
     * @throws DicomException when the data set does not say which instance it is. Broken geometry is no error here: it is a reason
     *     to refuse the series.
     */
    public static SliceHeader of(DicomObject dataSet) {
        return new SliceHeader(
                dataSet.requiredUid(Tag.STUDY_INSTANCE_UID),
                dataSet.requiredUid(Tag.SERIES_INSTANCE_UID),
                dataSet.requiredUid(Tag.SOP_INSTANCE_UID),
                lenientInteger(dataSet, Tag.REFERENCED_FRAME_NUMBER),
                dataSet.requiredUid(Tag.SOP_CLASS_UID),
                dataSet.strings(Tag.IMAGE_TYPE).stream()
                        .map(value -> value.strip().toUpperCase(Locale.ROOT))
                        .toList(),
                lenientInteger(dataSet, Tag.INSTANCE_NUMBER),
                lenientInteger(dataSet, Tag.ROWS),
                lenientInteger(dataSet, Tag.COLUMNS),
                plane(dataSet),
                text(dataSet, Tag.CONVOLUTION_KERNEL),
                text(dataSet, Tag.SERIES_DESCRIPTION),
                text(dataSet, Tag.BODY_PART_EXAMINED),
                MakingReader.read(dataSet),
                "01".equals(text(dataSet, Tag.LOSSY_IMAGE_COMPRESSION)));
    }

    private static @Nullable Plane plane(DicomObject dataSet) {
        try {
            double[] position = dataSet.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3);
            double[] orientation = dataSet.requiredDecimals(Tag.IMAGE_ORIENTATION_PATIENT, 6);
            double[] spacing = dataSet.requiredDecimals(Tag.PIXEL_SPACING, 2);
            return new Plane(
                    Vector3.of(position, 0),
                    Vector3.of(orientation, 0),
                    Vector3.of(orientation, 3),
                    spacing[0],
                    spacing[1]);
        } catch (DicomException | IllegalArgumentException e) {
            return null;
        }
    }

    /** 0 for what is absent or no number: it only orders duplicates, or makes the slice too small to be looked at. */
    private static int lenientInteger(DicomObject dataSet, int tag) {
        try {
            return dataSet.integer(tag).orElse(0);
        } catch (DicomException e) {
            return 0;
        }
    }

    private static @Nullable String text(DicomObject dataSet, int tag) {
        try {
            return dataSet.string(tag).orElse(null);
        } catch (DicomException e) {
            return null;
        }
    }
}
