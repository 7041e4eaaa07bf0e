package io.bloodnet.imaging.finding;

/**
 * Names one slice.
 *
 * @param sopInstanceUid the instance that holds it
 * @param frame its number in a multi-frame image, from 1; 0 where the instance is one slice
 */
public record SliceId(String sopInstanceUid, int frame) {

    /** @throws IllegalArgumentException when the frame is less than 0 */
    public SliceId {
        if (frame < 0) {
            throw new IllegalArgumentException("frame " + frame + " is less than 0");
        }
    }
}
