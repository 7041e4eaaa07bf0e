package io.bloodnet.imaging.evaluate;

import io.bloodnet.imaging.finding.SliceId;
import io.bloodnet.imaging.geometry.SlicePlace;
import io.bloodnet.imaging.geometry.Vector3;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Blood as a NIfTI-1 volume tells it ({@code .nii}, {@code .nii.gz}; nifti1.h of the NIfTI data format working group). Every voxel above
 * one half is blood. Its voxels are found by their place in the patient, so it may be turned, mirrored or larger than the series.
 */
final class NiftiMask {

    /** Of the unpacked file: 1,024 slices of 512x512 at four bytes, and the header. */
    static final int BYTES_MAX = (1 << 30) + 4096;

    private static final int HEADER_BYTES = 348;
    private static final int MAGIC_AT = 344;
    private static final int DIMENSIONS_AT = 40;
    private static final int DATATYPE_AT = 70;
    private static final int SPACINGS_AT = 76;
    private static final int DATA_OFFSET_AT = 108;
    private static final int SLOPE_AT = 112;
    private static final int QFORM_CODE_AT = 252;
    private static final int QUATERNION_AT = 256;
    private static final int SFORM_AT = 280;
    private static final double BLOOD_ABOVE = 0.5;
    private static final double SINGULAR_BELOW = 1e-9;

    private final ByteBuffer file;
    private final int[] size = new int[3];
    private final double[][] toVoxel;

    private NiftiMask(ByteBuffer file) {
        this.file = file;
        int dimensions = file.getShort(DIMENSIONS_AT);
        for (int axis = 0; axis < 3; axis++) {
            size[axis] = file.getShort(DIMENSIONS_AT + 2 + 2 * axis);
        }
        boolean flat = dimensions == 3 || (dimensions == 4 && file.getShort(DIMENSIONS_AT + 8) == 1);
        if (!flat || size[0] < 1 || size[1] < 1 || size[2] < 1) {
            throw new BadMaskException("the mask's dim is not that of one volume");
        }
        long end = dataStart() + (long) size[0] * size[1] * size[2] * voxelBytes();
        if (dataStart() < HEADER_BYTES || end > file.limit()) {
            throw new BadMaskException("the mask ends before its last voxel");
        }
        this.toVoxel = inverse(toPatient());
    }

    /**
     * The mask on the slices of a series.
     *
     * @param slices all of one size
     * @throws BadMaskException when the file is no such volume, says no place in the patient, or does not lie on the series at all
     */
    static ExpertMask read(Path file, List<SlicePlace> slices) throws IOException {
        return new NiftiMask(open(unpacked(file))).on(slices);
    }

    private static byte[] unpacked(Path file) throws IOException {
        boolean packed = file.toString().endsWith(".gz");
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = packed ? new GZIPInputStream(raw) : raw) {
            byte[] bytes = in.readNBytes(BYTES_MAX);
            if (bytes.length == BYTES_MAX) {
                throw new BadMaskException("the mask has " + BYTES_MAX + " bytes or more");
            }
            return bytes;
        } catch (ZipException | EOFException e) {
            throw new BadMaskException("the mask is no whole gzip file");
        }
    }

    private static ByteBuffer open(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length >= HEADER_BYTES && file.getInt(0) != HEADER_BYTES) {
            file.order(ByteOrder.BIG_ENDIAN);
        }
        boolean single = bytes.length >= HEADER_BYTES
                && file.getInt(0) == HEADER_BYTES
                && bytes[MAGIC_AT] == 'n'
                && bytes[MAGIC_AT + 1] == '+'
                && bytes[MAGIC_AT + 2] == '1';
        if (!single) {
            throw new BadMaskException("the mask is no NIfTI-1 file with its voxels in it (magic n+1)");
        }
        return file;
    }

    private long dataStart() {
        return (long) file.getFloat(DATA_OFFSET_AT);
    }

    private ExpertMask on(List<SlicePlace> slices) {
        if (slices.isEmpty()) {
            return ExpertMask.EMPTY;
        }
        Map<SliceId, BitSet> blood = new HashMap<>();
        boolean touches = false;
        int rows = slices.getFirst().rows();
        int columns = slices.getFirst().columns();
        for (SlicePlace slice : slices) {
            if (slice.rows() != rows || slice.columns() != columns) {
                throw new BadMaskException("the images are not of one size");
            }
            BitSet voxels = new BitSet(rows * columns);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    int voxel = voxelAt(slice.plane().at(row, column));
                    touches |= voxel >= 0;
                    if (voxel >= 0 && value(voxel) > BLOOD_ABOVE) {
                        voxels.set(row * columns + column);
                    }
                }
            }
            if (!voxels.isEmpty()) {
                blood.put(slice.slice(), voxels);
            }
        }
        if (!touches) {
            throw new BadMaskException("the mask does not lie on the images (srow, quatern and qoffset say elsewhere)");
        }
        return new ExpertMask(rows, columns, blood);
    }

    /** Index of the voxel that holds this point, -1 outside. DICOM's x and y grow to the left and back, NIfTI's to the right and front. */
    private int voxelAt(Vector3 point) {
        double[] ras = {-point.x(), -point.y(), point.z()};
        int index = 0;
        for (int axis = 2; axis >= 0; axis--) {
            double[] row = toVoxel[axis];
            long place = Math.round(row[0] * ras[0] + row[1] * ras[1] + row[2] * ras[2] + row[3]);
            if (place < 0 || place >= size[axis]) {
                return -1;
            }
            index = index * size[axis] + (int) place;
        }
        return index;
    }

    private double value(int voxel) {
        int at = (int) dataStart() + voxel * voxelBytes();
        double stored = switch (file.getShort(DATATYPE_AT)) {
            case 2 -> file.get(at) & 0xff;
            case 256 -> file.get(at);
            case 4 -> file.getShort(at);
            case 512 -> file.getShort(at) & 0xffff;
            case 8 -> file.getInt(at);
            case 768 -> file.getInt(at) & 0xffffffffL;
            case 16 -> file.getFloat(at);
            default -> file.getDouble(at);
        };
        float slope = file.getFloat(SLOPE_AT);
        // A slope of 0 means that the values are not scaled.
        return slope == 0 || Float.isNaN(slope) ? stored : stored * slope + file.getFloat(SLOPE_AT + 4);
    }

    private int voxelBytes() {
        return switch (file.getShort(DATATYPE_AT)) {
            case 2, 256 -> 1;
            case 4, 512 -> 2;
            case 8, 768, 16 -> 4;
            case 64 -> 8;
            default -> throw new BadMaskException("the mask's datatype is no integer or floating point number");
        };
    }

    /** Voxel to patient (right, front, up; mm), three rows of four: the sform when there is one, else the qform. */
    private double[][] toPatient() {
        double[][] affine = new double[3][4];
        if (file.getShort(QFORM_CODE_AT + 2) > 0) {
            for (int i = 0; i < 12; i++) {
                affine[i / 4][i % 4] = file.getFloat(SFORM_AT + 4 * i);
            }
            return affine;
        }
        if (file.getShort(QFORM_CODE_AT) <= 0) {
            throw new BadMaskException("the mask says no place in the patient (sform_code and qform_code are 0)");
        }
        double b = file.getFloat(QUATERNION_AT);
        double c = file.getFloat(QUATERNION_AT + 4);
        double d = file.getFloat(QUATERNION_AT + 8);
        double a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
        double[][] rotation = {
            {a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)},
            {2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)},
            {2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c}
        };
        double mirrored = file.getFloat(SPACINGS_AT) < 0 ? -1 : 1;
        for (int row = 0; row < 3; row++) {
            for (int axis = 0; axis < 3; axis++) {
                double spacing = file.getFloat(SPACINGS_AT + 4 + 4 * axis) * (axis == 2 ? mirrored : 1);
                affine[row][axis] = rotation[row][axis] * spacing;
            }
            affine[row][3] = file.getFloat(QUATERNION_AT + 12 + 4 * row);
        }
        return affine;
    }

    private static double[][] inverse(double[][] m) {
        Vector3 x = new Vector3(m[0][0], m[1][0], m[2][0]);
        Vector3 y = new Vector3(m[0][1], m[1][1], m[2][1]);
        Vector3 z = new Vector3(m[0][2], m[1][2], m[2][2]);
        double volume = x.dot(y.cross(z));
        if (!(Math.abs(volume) > SINGULAR_BELOW)) {
            throw new BadMaskException("the mask's axes span no volume");
        }
        Vector3[] rows = {y.cross(z), z.cross(x), x.cross(y)};
        double[][] inverse = new double[3][4];
        for (int axis = 0; axis < 3; axis++) {
            inverse[axis][0] = rows[axis].x() / volume;
            inverse[axis][1] = rows[axis].y() / volume;
            inverse[axis][2] = rows[axis].z() / volume;
            inverse[axis][3] = -(inverse[axis][0] * m[0][3] + inverse[axis][1] * m[1][3] + inverse[axis][2] * m[2][3]);
        }
        return inverse;
    }
}
