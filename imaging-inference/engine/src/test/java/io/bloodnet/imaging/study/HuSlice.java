package io.bloodnet.imaging.study;

import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Turn;
import io.bloodnet.imaging.geometry.Vector3;
import io.bloodnet.imaging.head.HuTable;
import io.bloodnet.imaging.series.SliceHeaders;

/**
 * One slice as a header and HU, to be stored in other ways.
 *
 * @param header without pixels
 * @param hu row by row
 * @param index from feet to head, from 0
 */
record HuSlice(DicomObject header, short[] hu, int index) {

    static HuSlice of(byte[] file, int index) {
        DicomFile read = new DicomReader(DicomLimits.DEFAULT).read(file);
        FrameDecoding.Frame frame = (FrameDecoding.Frame) new FrameDecoder(DicomLimits.DEFAULT).decode(read, 0);
        short[] hu = new HuTable().inPlace(frame, read.dataSet());
        DicomObject header = read.dataSet().header().toBuilder()
                .remove(Tag.PIXEL_PADDING_VALUE)
                .remove(Tag.PIXEL_PADDING_RANGE_LIMIT)
                .build();
        return new HuSlice(header, hu, index);
    }

    int rows() {
        return header.requiredInteger(Tag.ROWS);
    }

    int columns() {
        return header.requiredInteger(Tag.COLUMNS);
    }

    /** Attributes of the pixels; the pixels themselves come from {@link #stored}. */
    DicomObjectBuilder format(boolean signed, int bits, double slope, double intercept) {
        return header.toBuilder()
                .integer(Tag.BITS_ALLOCATED, Vr.US, 16)
                .integer(Tag.BITS_STORED, Vr.US, bits)
                .integer(Tag.HIGH_BIT, Vr.US, bits - 1)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, signed ? 1 : 0)
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, slope)
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, intercept);
    }

    /** Unsigned 16 bits with intercept -1024: how most scanners write. */
    DicomObjectBuilder plainFormat() {
        return format(false, 16, 1, -1024);
    }

    /** What {@link #plainFormat()} stores. */
    short[] plainPixels() {
        return stored(value -> value + 1024);
    }

    /** HU to stored values. */
    interface Storing {
        int stored(int hu);
    }

    short[] stored(Storing storing) {
        short[] pixels = new short[hu.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) storing.stored(hu[i]);
        }
        return pixels;
    }

    byte[] plain() {
        return file(plainFormat(), plainPixels(), TransferSyntax.EXPLICIT_VR_LE);
    }

    static byte[] file(DicomObjectBuilder header, short[] pixels, String transferSyntax) {
        return DicomWriter.write(
                DicomFile.of(header.words(Tag.PIXEL_DATA, pixels).build(), transferSyntax));
    }

    /** The same slice with its rows and columns in another order: what {@link Turn} must undo. */
    HuSlice turned(boolean transposed, boolean rowsReversed, boolean columnsReversed) {
        Plane plane = SliceHeaders.of(header).plane();
        int rows = transposed ? columns() : rows();
        int columns = transposed ? rows() : columns();
        short[] turned = new short[hu.length];
        for (int y = 0; y < rows(); y++) {
            for (int x = 0; x < columns(); x++) {
                int row = transposed ? x : y;
                int column = transposed ? y : x;
                row = rowsReversed ? rows - 1 - row : row;
                column = columnsReversed ? columns - 1 - column : column;
                turned[row * columns + column] = hu[y * columns() + x];
            }
        }
        Vector3 alongColumn = transposed ? plane.alongRow() : plane.alongColumn();
        Vector3 alongRow = transposed ? plane.alongColumn() : plane.alongRow();
        double rowMm = transposed ? plane.columnSpacingMm() : plane.rowSpacingMm();
        double columnMm = transposed ? plane.rowSpacingMm() : plane.columnSpacingMm();
        Vector3 position = plane.position();
        if (rowsReversed) {
            position = position.plus(alongColumn.times((rows - 1) * rowMm));
            alongColumn = alongColumn.negated();
        }
        if (columnsReversed) {
            position = position.plus(alongRow.times((columns - 1) * columnMm));
            alongRow = alongRow.negated();
        }
        DicomObjectBuilder other = placed(position, alongRow, alongColumn)
                .integer(Tag.ROWS, Vr.US, rows)
                .integer(Tag.COLUMNS, Vr.US, columns)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, rowMm, columnMm);
        return new HuSlice(other.build(), turned, index);
    }

    DicomObjectBuilder placed(Vector3 position, Vector3 row, Vector3 column) {
        return header.toBuilder()
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, position.x(), position.y(), position.z())
                .decimal(
                        Tag.IMAGE_ORIENTATION_PATIENT,
                        Vr.DS,
                        row.x(),
                        row.y(),
                        row.z(),
                        column.x(),
                        column.y(),
                        column.z());
    }

    HuSlice with(DicomObjectBuilder other) {
        return new HuSlice(other.build(), hu, index);
    }
}
