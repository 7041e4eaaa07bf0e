package io.bloodnet.imaging.series;

import io.bloodnet.imaging.finding.SliceId;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Turn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What selection and geometry need to know of one slice, without its pixels.
 *
 * @param frame its number in a multi-frame image, from 1; 0 where the instance is one slice
 * @param imageType values of (0008,0008), upper case; empty when absent
 * @param instanceNumber (0020,0013), 0 when absent
 * @param plane as the slice is stored, null when position, orientation or spacing are absent or no geometry
 * @param making how the slice was made
 * @param lossy whether (0028,2110) says 01
 */
public record SliceHeader(
        String studyUid,
        String seriesUid,
        String sopInstanceUid,
        int frame,
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

    public SliceHeader {
        imageType = List.copyOf(imageType);
    }

    /** Names the slice in all that is told of it. */
    public SliceId id() {
        return new SliceId(sopInstanceUid, frame);
    }

    /**
     * How the stored slice is turned for the network.
     *
     * @throws IllegalStateException without a plane: such slices are refused before
     */
    public Turn turn() {
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
