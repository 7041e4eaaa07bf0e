package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.FrameDecoding.Frame;
import io.bloodnet.imaging.dicom.FrameDecoding.UndecodableTransferSyntax;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import java.nio.ByteBuffer;

/**
 * Turns Pixel Data into stored values: native (also deflated, also big endian), RLE, JPEG Lossless, JPEG Baseline, JPEG 2000, and by the
 * machine's own libraries JPEG-LS and High-Throughput JPEG 2000. Without state, safe to share between threads; runs in the caller's thread.
 */
public final class FrameDecoder {

    private final DicomLimits limits;

    public FrameDecoder(DicomLimits limits) {
        this.limits = limits;
    }

    /** Whether frames in this transfer syntax can be decoded; ask for Explicit VR Little Endian otherwise. */
    public static boolean decodes(String transferSyntaxUid) {
        return TransferSyntax.isNative(transferSyntaxUid) || isCompressionKnown(transferSyntaxUid);
    }

    /**
     * One frame.
     *
     * @param index from 0; CT images have only that one
     * @throws DicomException when the pixel attributes or the pixel data are broken, contradict each other or exceed the limits
     */
    public FrameDecoding decode(DicomFile file, int index) {
        String transferSyntax = file.transferSyntaxUid();
        if (!decodes(transferSyntax)) {
            return new UndecodableTransferSyntax(transferSyntax);
        }
        DicomObject dataSet = file.dataSet();
        ImagePixels image = ImagePixels.of(dataSet, limits);
        if (index < 0 || index >= image.frames()) {
            throw new DicomException(
                    Code.PIXEL_DATA_MISMATCH, "frame index " + index + " of " + image.frames() + " frames");
        }
        DataElement pixelData = dataSet.element(Tag.PIXEL_DATA).orElseThrow(() -> DicomObject.missing(Tag.PIXEL_DATA));
        boolean isNative = TransferSyntax.isNative(transferSyntax);
        short[] pixels = switch (pixelData) {
            case DataElement.Value value when isNative -> nativeFrame(value.bytes(), image, index);
            case DataElement.Fragments fragments
            when !isNative ->
                compressedFrame(transferSyntax, FrameFragments.of(fragments, image.frames(), index), image);
            case DataElement other -> throw DicomObject.wrongVr(other);
        };
        image.normalise(pixels);
        return new Frame(image.rows(), image.columns(), image.signed(), pixels);
    }

    private static short[] nativeFrame(Bytes pixelData, ImagePixels image, int index) {
        long expected = (long) image.frameBytes() * image.frames();
        // One byte of padding makes an odd length even (PS3.5 section 8.1.1), and devices add more; a whole row is
        // another matrix.
        int rowBytes = image.columns() * image.bytesPerPixel();
        long excessMax = image.frames() == 1 ? Math.max(1, rowBytes - 1) : expected & 1;
        if (pixelData.length() < expected || pixelData.length() > expected + excessMax) {
            throw new DicomException(
                    Code.PIXEL_DATA_MISMATCH,
                    Tag.text(Tag.PIXEL_DATA) + " has " + pixelData.length() + " bytes instead of " + expected);
        }
        short[] pixels = new short[image.framePixels()];
        Bytes frame = pixelData.slice(index * image.frameBytes(), image.frameBytes());
        ByteBuffer bytes = frame.buffer();
        if (image.bytesPerPixel() == 2) {
            bytes.asShortBuffer().get(pixels);
        } else {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (short) (bytes.get(i) & 0xFF);
            }
        }
        return pixels;
    }

    private static boolean isCompressionKnown(String transferSyntaxUid) {
        return switch (transferSyntaxUid) {
            case TransferSyntax.RLE_LOSSLESS,
                    TransferSyntax.JPEG_LOSSLESS,
                    TransferSyntax.JPEG_LOSSLESS_SV1,
                    TransferSyntax.JPEG_2000_LOSSLESS,
                    TransferSyntax.JPEG_2000,
                    TransferSyntax.JPEG_BASELINE -> true;
            case TransferSyntax.JPEG_LS_LOSSLESS, TransferSyntax.JPEG_LS ->
                CharLs.installed().isPresent();
            case TransferSyntax.HTJ2K_LOSSLESS, TransferSyntax.HTJ2K_LOSSLESS_RPCL, TransferSyntax.HTJ2K ->
                OpenJpeg.installed().isPresent();
            default -> false;
        };
    }

    private static short[] compressedFrame(String transferSyntax, Bytes frame, ImagePixels image) {
        return switch (transferSyntax) {
            case TransferSyntax.RLE_LOSSLESS -> RleCodec.decode(frame, image);
            case TransferSyntax.JPEG_LOSSLESS, TransferSyntax.JPEG_LOSSLESS_SV1 ->
                JpegCodec.decodeLossless(frame, image);
            case TransferSyntax.JPEG_2000_LOSSLESS, TransferSyntax.JPEG_2000 -> JpegCodec.decode2000(frame, image);
            case TransferSyntax.JPEG_BASELINE -> JpegCodec.decodeBaseline(frame, image);
            case TransferSyntax.JPEG_LS_LOSSLESS, TransferSyntax.JPEG_LS ->
                CharLs.installed().orElseThrow().decode(frame, image);
            case TransferSyntax.HTJ2K_LOSSLESS, TransferSyntax.HTJ2K_LOSSLESS_RPCL, TransferSyntax.HTJ2K ->
                OpenJpeg.installed().orElseThrow().decode(frame, image);
            default -> throw new IllegalStateException("no codec for a transfer syntax said to be decodable");
        };
    }
}
