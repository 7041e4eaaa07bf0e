package io.bloodnet.imaging.dicom;

/** What came of decoding one frame; broken pixel data is a {@link DicomException} instead. */
public sealed interface FrameDecoding {

    /**
     * One single-channel frame, row by row from the top left.
     *
     * @param rows height in pixels
     * @param columns width in pixels
     * @param signed whether a stored value is a signed short (Pixel Representation 1) or an unsigned one
     * @param storedValues rows x columns values before rescale, sign-extended or masked to Bits Stored; the receiver's own array
     */
    record Frame(int rows, int columns, boolean signed, short[] storedValues) implements FrameDecoding {

        /** The stored value as a number, whatever the sign. */
        public int value(int index) {
            short stored = storedValues[index];
            return signed ? stored : Short.toUnsignedInt(stored);
        }
    }

    /** No codec here for this compression (12-bit JPEG; JPEG-LS and HTJ2K where the machine lacks their libraries): ask the sender for Explicit VR Little Endian. */
    record UndecodableTransferSyntax(String uid) implements FrameDecoding {}
}
