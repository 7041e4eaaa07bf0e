package io.bloodnet.imaging.codec;

import com.github.jaiimageio.jpeg2000.J2KImageWriteParam;
import com.github.jaiimageio.jpeg2000.impl.J2KImageWriter;
import com.github.jaiimageio.jpeg2000.impl.J2KImageWriterSpi;
import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.SyntheticSlice;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferUShort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encoders for tests, so that compressed samples need no files: plain rather than small. */
public final class Codecs {

    private Codecs() {}

    /** A slice whose 16-bit pixels are compressed as the transfer syntax asks. */
    public static DicomFile compressed(String transferSyntax, int rows, int columns, short[] pixels)
            throws IOException {
        byte[] frame = frame(transferSyntax, rows, columns, pixels);
        return encapsulated(transferSyntax, SyntheticSlice.header(rows, columns), frame);
    }

    public static DicomFile encapsulated(String transferSyntax, DicomObjectBuilder header, byte[] frame) {
        DicomObject dataSet = header.put(new DataElement.Fragments(
                        Tag.PIXEL_DATA, Vr.OB, Bytes.copyOf(new byte[0]), List.of(Bytes.copyOf(frame))))
                .build();
        return DicomFile.of(dataSet, transferSyntax);
    }

    /** One frame as the transfer syntax asks. */
    public static byte[] frame(String transferSyntax, int rows, int columns, short[] pixels) {
        try {
            return switch (transferSyntax) {
                case TransferSyntax.RLE_LOSSLESS -> rle(pixels);
                case TransferSyntax.JPEG_LOSSLESS, TransferSyntax.JPEG_LOSSLESS_SV1 ->
                    jpegLossless(rows, columns, pixels);
                case TransferSyntax.JPEG_2000_LOSSLESS, TransferSyntax.JPEG_2000 -> jpeg2000(rows, columns, pixels);
                default -> throw new IllegalArgumentException("no encoder for this transfer syntax");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Several frames, each in so many fragments, with a Basic Offset Table or an empty one (PS3.5 A.4). */
    public static DicomFile encapsulated(
            String transferSyntax, DicomObjectBuilder header, List<byte[]> frames, int fragments, boolean listed) {
        List<Bytes> all = new ArrayList<>();
        ByteBuffer table = ByteBuffer.allocate(4 * frames.size()).order(ByteOrder.LITTLE_ENDIAN);
        int offset = 0;
        for (byte[] frame : frames) {
            table.putInt(offset);
            int step = frame.length / fragments / 2 * 2;
            for (int i = 0; i < fragments; i++) {
                int to = i + 1 == fragments ? frame.length : (i + 1) * step;
                byte[] fragment = Arrays.copyOfRange(frame, i * step, to + (to - i * step) % 2);
                all.add(Bytes.copyOf(fragment));
                offset += 8 + fragment.length;
            }
        }
        byte[] offsets = listed ? table.array() : new byte[0];
        DicomObject dataSet = header.put(new DataElement.Fragments(Tag.PIXEL_DATA, Vr.OB, Bytes.copyOf(offsets), all))
                .build();
        return DicomFile.of(dataSet, transferSyntax);
    }

    /** PS3.5 Annex G with literal runs only. */
    public static byte[] rle(short[] pixels) {
        byte[] high = literals(pixels, 8);
        byte[] low = literals(pixels, 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int[] header = {2, 64, 64 + high.length};
        for (int i = 0; i < 16; i++) {
            int word = i < header.length ? header[i] : 0;
            out.writeBytes(new byte[] {(byte) word, (byte) (word >> 8), (byte) (word >> 16), (byte) (word >> 24)});
        }
        out.writeBytes(high);
        out.writeBytes(low);
        return out.toByteArray();
    }

    private static byte[] literals(short[] pixels, int shift) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int from = 0; from < pixels.length; from += 128) {
            int count = Math.min(128, pixels.length - from);
            out.write(count - 1);
            for (int i = 0; i < count; i++) {
                out.write(pixels[from + i] >> shift);
            }
        }
        if ((out.size() & 1) == 1) {
            out.write(-128);
        }
        return out.toByteArray();
    }

    public static byte[] jpeg2000(int rows, int columns, short[] pixels) throws IOException {
        BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_USHORT_GRAY);
        short[] target = ((DataBufferUShort) image.getRaster().getDataBuffer()).getData();
        System.arraycopy(pixels, 0, target, 0, pixels.length);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        J2KImageWriter writer = (J2KImageWriter) new J2KImageWriterSpi().createWriterInstance(null);
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            J2KImageWriteParam param = (J2KImageWriteParam) writer.getDefaultWriteParam();
            param.setLossless(true);
            param.setWriteCodeStreamOnly(true);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** ITU-T T.81 Annex H: 16 bits, one component, predictor 1, all 17 difference categories as codes of five bits. */
    public static byte[] jpegLossless(int rows, int columns, short[] pixels) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(0xFF, 0xD8, 0xFF, 0xC3, 0, 11, 16, rows >> 8, rows, columns >> 8, columns, 1, 1, 0x11, 0));
        out.writeBytes(bytes(0xFF, 0xC4, 0, 2 + 17 + 17, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        for (int category = 0; category <= 16; category++) {
            out.write(category);
        }
        out.writeBytes(bytes(0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 0, 0));
        Bits bits = new Bits(out);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int at = row * columns + column;
                int predicted = column > 0 ? pixels[at - 1] : row > 0 ? pixels[at - columns] : 1 << 15;
                int difference = (short) (pixels[at] - predicted);
                int category = 32 - Integer.numberOfLeadingZeros(Math.abs(difference));
                bits.write(category, 5);
                if (category < 16) {
                    bits.write(difference < 0 ? difference - 1 : difference, category);
                }
            }
        }
        bits.flush();
        out.writeBytes(bytes(0xFF, 0xD9));
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** Entropy-coded bits with a zero after each FF. */
    private static final class Bits {
        private final ByteArrayOutputStream out;
        private int buffer;
        private int filled;

        Bits(ByteArrayOutputStream out) {
            this.out = out;
        }

        void write(int value, int count) {
            for (int bit = count - 1; bit >= 0; bit--) {
                buffer = buffer << 1 | value >> bit & 1;
                if (++filled == 8) {
                    out.write(buffer);
                    if ((buffer & 0xFF) == 0xFF) {
                        out.write(0);
                    }
                    filled = 0;
                }
            }
        }

        void flush() {
            while (filled != 0) {
                write(1, 1);
            }
        }
    }
}
