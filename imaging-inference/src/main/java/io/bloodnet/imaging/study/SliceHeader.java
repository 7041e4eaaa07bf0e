package io.bloodnet.imaging.study;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What selection and geometry need to know of one instance, without its pixels.
 *
 * @param imageType values of (0008,0008), upper case; empty when absent
 * @param instanceNumber (0020,0013), 0 when absent
 * @param plane as the slice is stored, null when position, orientation or spacing are absent or no geometry
 * @param making how the slice was made
 * @param lossy whether (0028,2110) says 01
 */
record SliceHeader(
        String studyUid,
        String seriesUid,
        String sopInstanceUid,
        String sopClassUid,
        List<String> imageType,
        int instanceNumber,
        int rows,
        int columns,
        @Nullable Plane plane,
        @Nullable String kernel,
        @Nullable String seriesDescription,
        @Nullable String bodyPart,
        Making making,
        boolean lossy) {

    /** CT Image Storage (PS3.4 B.5). Enhanced CT and secondary captures are other classes, whatever their Modality says. */
    static final String CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2";

    SliceHeader {
        imageType = List.copyOf(imageType);
    }

    /**
     * How the stored slice is turned for the network.
     *
     * @throws IllegalStateException without a plane: such slices are refused before
     */
    Turn turn() {
        return Turn.of(storedPlane());
    }

    /** Where the slice lies once it has the one orientation. */
    Plane turnedPlane() {
        return turn().turned(storedPlane(), rows, columns);
    }

    private Plane storedPlane() {
        if (plane == null) {
            throw new IllegalStateException("slices without a plane are refused before they are stacked");
        }
        return plane;
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "SliceHeader[" + rows + "x" + columns + "]";
    }
}
