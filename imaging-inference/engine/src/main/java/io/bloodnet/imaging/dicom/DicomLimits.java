package io.bloodnet.imaging.dicom;

/**
 * What one DICOM instance or JSON answer may cost at most.
 *
 * @param maxInstanceBytes bytes of one Part 10 file
 * @param maxInflatedBytes bytes that a deflated data set may unfold to
 * @param maxElements data elements, items and fragments of one instance, nested ones included
 * @param maxDepth sequences within sequences
 * @param maxFramePixels rows x columns of one frame
 * @param maxJsonBytes bytes of one DICOM JSON answer
 */
public record DicomLimits(
        int maxInstanceBytes,
        int maxInflatedBytes,
        int maxElements,
        int maxDepth,
        int maxFramePixels,
        int maxJsonBytes) {

    /** Room for a CT slice of 2048 x 2048 and for enhanced multi-frame headers; far below what would trouble a server. */
    public static final DicomLimits DEFAULT = new DicomLimits(64 << 20, 16 << 20, 200_000, 32, 2048 * 2048, 32 << 20);

    public DicomLimits {
        requirePositive("maxInstanceBytes", maxInstanceBytes);
        requirePositive("maxInflatedBytes", maxInflatedBytes);
        requirePositive("maxElements", maxElements);
        requirePositive("maxDepth", maxDepth);
        requirePositive("maxFramePixels", maxFramePixels);
        requirePositive("maxJsonBytes", maxJsonBytes);
    }

    private static void requirePositive(String name, int value) {
        if (value < 1 || value == Integer.MAX_VALUE) {
            throw new IllegalArgumentException(name + " must lie in 1.." + (Integer.MAX_VALUE - 1) + ": " + value);
        }
    }
}
