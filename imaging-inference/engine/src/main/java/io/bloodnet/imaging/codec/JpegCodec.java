package io.bloodnet.imaging.codec;

import com.github.jaiimageio.jpeg2000.impl.J2KImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.Tag;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferShort;
import java.awt.image.DataBufferUShort;
import java.awt.image.Raster;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * JPEG Lossless and JPEG 2000 by two Image I/O libraries. The codestream's own size is compared with Rows and Columns before the
 * library sees it, so that a small frame cannot unfold into a huge image.
 */
final class JpegCodec {

    // This one must come from the registry, which gives it the JDK's reader that it extends.
    private static final ImageReaderSpi JPEG =
            IIORegistry.getDefaultInstance().getServiceProviderByClass(JPEGImageReaderSpi.class);
    private static final ImageReaderSpi JPEG_2000 = new J2KImageReaderSpi();

    private JpegCodec() {}

    static short[] decodeLossless(Bytes frame, ImagePixels image) {
        Bytes plain = JpegFill.removed(frame);
        CodestreamSize.ofJpegLossless(plain).requireMatch(image);
        return decode(JPEG, new ByteArrayImageInputStream(plain.array(), plain.offset(), plain.length()), image);
    }

    /** Lossy, 8 bits: the data set says so, and the finding flags it. */
    static short[] decodeBaseline(Bytes frame, ImagePixels image) {
        Bytes plain = JpegFill.removed(frame);
        CodestreamSize.ofJpegBaseline(plain).requireMatch(image);
        return decode(JPEG, new ByteArrayImageInputStream(plain.array(), plain.offset(), plain.length()), image);
    }

    static short[] decode2000(Bytes frame, ImagePixels image) {
        Jpeg2000Structure.requireWhole(frame, image);
        return decode(JPEG_2000, new CodestreamInput(frame), image);
    }

    private static short[] decode(ImageReaderSpi codec, ImageInputStream codestream, ImagePixels image) {
        ImageReader reader = null;
        try {
            reader = codec.createReaderInstance();
            reader.setInput(codestream, true, true);
            Raster raster = reader.read(0).getRaster();
            if (raster.getWidth() != image.columns() || raster.getHeight() != image.rows()) {
                throw corrupt("decodes to another size", null);
            }
            return samples(raster, image);
        } catch (IOException e) {
            throw corrupt("cannot be decoded", e);
        } catch (DicomException e) {
            throw e;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // On hostile codestreams both libraries fail with whatever they run into first, plain java.lang.Error
            // included.
            throw corrupt("cannot be decoded", e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    /** The decoder's own array when it is just the pixels, else a copy of its first band. */
    private static short[] samples(Raster raster, ImagePixels image) {
        DataBuffer buffer = raster.getDataBuffer();
        boolean plain = raster.getNumBands() == 1
                && buffer.getNumBanks() == 1
                && buffer.getOffset() == 0
                && buffer.getSize() == image.framePixels();
        return switch (buffer) {
            case DataBufferUShort shorts when plain -> shorts.getData();
            case DataBufferShort shorts when plain -> shorts.getData();
            case DataBufferByte bytes when plain -> widen(bytes.getData());
            default -> throw corrupt("decodes to another pixel layout", null);
        };
    }

    private static short[] widen(byte[] bytes) {
        short[] pixels = new short[bytes.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) (bytes[i] & 0xFF);
        }
        return pixels;
    }

    static DicomException corrupt(String problem, @Nullable Throwable cause) {
        String message = Tag.text(Tag.PIXEL_DATA) + ": codestream " + problem;
        return cause == null
                ? new DicomException(Code.CORRUPT_COMPRESSION, message)
                : new DicomException(Code.CORRUPT_COMPRESSION, message, cause);
    }
}
