package io.bloodnet.imaging.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.geometry.SlicePlace;
import io.bloodnet.imaging.study.PhantomFolders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An expert's NIfTI and an expert's SEG of the same blood are the same mask. */
class NiftiMaskTest {

    private static final int SIDE = 512;
    private static final int SLICES = 8;
    private static final int VOXELS_AT = 352;
    private static final short UINT8 = 2;
    private static final short FLOAT32 = 16;

    @TempDir
    Path folder;

    @Test
    void a_volume_that_grows_to_the_right_and_front_is_turned_onto_the_slices() throws IOException {
        ByteBuffer nifti = header(ByteOrder.LITTLE_ENDIAN, UINT8);
        nifti.putShort(254, (short) 1); // sform_code
        float[] affine = {0.5f, 0, 0, -130.5f, 0, 0.5f, 0, -130.5f, 0, 0, 5, 10};
        for (int i = 0; i < 12; i++) {
            nifti.putFloat(280 + 4 * i, affine[i]);
        }
        blood((slice, row, column) ->
                nifti.put(VOXELS_AT + (slice * SIDE + (SIDE - 1 - row)) * SIDE + (SIDE - 1 - column), (byte) 1));
        assertThat(read(nifti, "mask.nii")).isEqualTo(seg());
    }

    @Test
    void a_packed_big_endian_volume_with_a_quaternion_and_a_slope_is_read_as_well() throws IOException {
        ByteBuffer nifti = header(ByteOrder.BIG_ENDIAN, FLOAT32);
        nifti.putShort(252, (short) 1); // qform_code
        nifti.putFloat(264, 1); // half a turn about the body's axis: DICOM's own directions
        nifti.putFloat(268, 125).putFloat(272, 125).putFloat(276, 10);
        nifti.putFloat(112, 0.01f); // 255 stands for 2.55
        blood((slice, row, column) -> nifti.putFloat(VOXELS_AT + 4 * ((slice * SIDE + row) * SIDE + column), 255));
        assertThat(read(nifti, "mask.nii.gz")).isEqualTo(seg());
    }

    @Test
    void refuses_what_is_no_whole_volume_or_has_no_place_in_the_patient() throws IOException {
        refuses(nifti -> {}, "sform_code and qform_code are 0");
        refuses(
                nifti -> nifti.putShort(252, (short) 1).putFloat(264, 1).putFloat(268, 9000),
                "does not lie on the images");
        refuses(nifti -> nifti.putShort(252, (short) 1).putShort(70, (short) 128), "datatype");
        refuses(nifti -> nifti.putShort(252, (short) 1).putShort(40, (short) 5), "dim");
        refuses(nifti -> nifti.putShort(252, (short) 1).putShort(46, (short) 9), "ends before");
        refuses(nifti -> nifti.putShort(254, (short) 1), "span no volume");
        refuses(nifti -> nifti.put(345, (byte) 'i'), "n+1");
        byte[] packed = Files.readAllBytes(write(header(ByteOrder.LITTLE_ENDIAN, UINT8), "whole.nii.gz"));
        Path cut = Files.write(folder.resolve("cut.nii.gz"), Arrays.copyOf(packed, packed.length / 2));
        assertThatExceptionOfType(BadMaskException.class)
                .isThrownBy(() -> NiftiMask.read(cut, slices()))
                .withMessageContaining("gzip");
    }

    private void refuses(Consumer<ByteBuffer> change, String words) throws IOException {
        ByteBuffer nifti = header(ByteOrder.LITTLE_ENDIAN, UINT8);
        change.accept(nifti);
        Path file = write(nifti, "bad.nii");
        assertThatExceptionOfType(BadMaskException.class)
                .isThrownBy(() -> NiftiMask.read(file, slices()))
                .withMessageContaining(words);
    }

    private interface Voxel {
        void set(int slice, int row, int column);
    }

    /** The blood of {@link PhantomFolders#writeMask}, 30 voxels wide. */
    private static void blood(Voxel voxel) {
        for (int slice = 3; slice < 5; slice++) {
            for (int row = 288; row < 318; row++) {
                for (int column = 288; column < 318; column++) {
                    voxel.set(slice, row, column);
                }
            }
        }
    }

    private static ByteBuffer header(ByteOrder order, short datatype) {
        int bytes = datatype == UINT8 ? 1 : 4;
        ByteBuffer nifti =
                ByteBuffer.allocate(VOXELS_AT + SLICES * SIDE * SIDE * bytes).order(order);
        nifti.putInt(0, 348).putShort(40, (short) 3);
        nifti.putShort(42, (short) SIDE).putShort(44, (short) SIDE).putShort(46, (short) SLICES);
        nifti.putShort(70, datatype)
                .putFloat(76, 1)
                .putFloat(80, 0.5f)
                .putFloat(84, 0.5f)
                .putFloat(88, 5);
        nifti.putFloat(108, VOXELS_AT).put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
        return nifti;
    }

    private ExpertMask seg() throws IOException {
        Path file = folder.resolve("seg.dcm");
        PhantomFolders.writeMask(file, 30);
        return ExpertMask.read(file);
    }

    private List<SlicePlace> slices() {
        return PhantomFolders.places();
    }

    private ExpertMask read(ByteBuffer nifti, String name) throws IOException {
        return NiftiMask.read(write(nifti, name), slices());
    }

    private Path write(ByteBuffer nifti, String name) throws IOException {
        byte[] bytes = nifti.array();
        if (name.endsWith(".gz")) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                out.write(bytes);
            }
            bytes = packed.toByteArray();
        }
        return Files.write(folder.resolve(name), bytes);
    }
}
