package io.bloodnet.imaging.head;

/**
 * From the lowest to the highest slice that shows brain, with their depths, along the body's axis.
 *
 * @param low mm
 * @param high mm; below {@code low} when no brain was seen
 */
public record BrainReach(double low, double high) {
    public static final BrainReach NONE = new BrainReach(0, 0);
}
