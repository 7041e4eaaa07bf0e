package io.bloodnet.imaging.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import org.junit.jupiter.api.Test;

/** Stored values become HU as PS3.3 C.11.1.1.2 says. */
class HuTableTest {

    private static final short AIR = HuTable.AIR_HU;

    private final HuTable table = new HuTable();

    private static DicomObjectBuilder header(double slope, double intercept) {
        return DicomObject.builder()
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, slope)
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, intercept);
    }

    private short[] hu(boolean signed, DicomObjectBuilder header, int... stored) {
        short[] pixels = new short[stored.length];
        for (int i = 0; i < stored.length; i++) {
            pixels[i] = (short) stored[i];
        }
        return table.inPlace(new FrameDecoding.Frame(1, stored.length, signed, pixels), header.build());
    }

    @Test
    void adds_the_intercept_and_cuts_what_is_out_of_range() {
        assertArrayEquals(
                new short[] {AIR, AIR, 0, 40, HuTable.HU_MAX},
                hu(true, header(1, -1024), -3000, 0, 1024, 1064, 32_767));
    }

    @Test
    void takes_a_header_without_rescale_for_hu() {
        assertArrayEquals(new short[] {-100, 60}, hu(true, DicomObject.builder(), -100, 60));
    }

    @Test
    void tells_signed_from_unsigned_values() {
        assertArrayEquals(new short[] {-24}, hu(true, header(1, 1000), -1024));
        assertArrayEquals(new short[] {HuTable.HU_MAX}, hu(false, header(1, -1024), 0xFFFF));
        assertArrayEquals(new short[] {7744}, hu(false, header(1, -32_256), 40_000));
    }

    @Test
    void rounds_a_slope_that_is_no_whole_number() {
        assertArrayEquals(new short[] {-1, 0, 1, 3}, hu(true, header(0.5, 0), -3, -1, 1, 5));
    }

    @Test
    void shows_padding_as_air_before_anything_is_rescaled() {
        DicomObjectBuilder one = header(1, 0).integer(Tag.PIXEL_PADDING_VALUE, Vr.SS, 50);
        assertArrayEquals(new short[] {49, AIR, 51}, hu(true, one, 49, 50, 51));
        DicomObjectBuilder range = header(1, 0)
                .integer(Tag.PIXEL_PADDING_VALUE, Vr.SS, 52)
                .integer(Tag.PIXEL_PADDING_RANGE_LIMIT, Vr.SS, 50);
        assertArrayEquals(new short[] {49, AIR, AIR, AIR, 53}, hu(true, range, 49, 50, 51, 52, 53));
        DicomObjectBuilder unsigned = header(1, -1024).integer(Tag.PIXEL_PADDING_VALUE, Vr.US, 63_536);
        assertArrayEquals(new short[] {AIR, 16}, hu(false, unsigned, 63_536, 1040));
    }

    @Test
    void turns_back_values_that_are_stored_inverted() {
        DicomObjectBuilder signed = header(1, 0).string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME1");
        assertArrayEquals(new short[] {-1000, 40, -1000}, hu(true, signed, 999, -41, 999));
        DicomObjectBuilder twelveBits = header(1, -1024)
                .string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME1")
                .integer(Tag.BITS_STORED, Vr.US, 12);
        assertArrayEquals(new short[] {AIR, 40, AIR}, hu(false, twelveBits, 4095, 4095 - 1064, 4095));
    }

    @Test
    void believes_the_air_around_a_head_rather_than_the_word_monochrome1() {
        DicomObjectBuilder displayed = header(1, 0).string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME1");
        assertArrayEquals(new short[] {-1000, 40, -1000}, hu(true, displayed, -1000, 40, -1000));
    }

    @Test
    void reads_each_slice_by_its_own_header() {
        assertArrayEquals(new short[] {0}, hu(true, header(1, -1024), 1024));
        assertArrayEquals(new short[] {2048}, hu(true, header(2, 0), 1024));
        assertArrayEquals(new short[] {0}, hu(true, header(1, -1024), 1024));
    }

    @Test
    void reads_wrapped_values_that_are_marked_unsigned_as_signed_and_says_so() {
        DicomObjectBuilder twelveBits = header(1, 0).integer(Tag.BITS_STORED, Vr.US, 12);
        assertArrayEquals(new short[] {-1000, 40, 1500}, hu(false, twelveBits, 3096, 40, 1500));
        assertTrue(table.repaired());
    }

    @Test
    void leaves_unsigned_values_alone_that_can_show_air() {
        assertArrayEquals(new short[] {3072}, hu(false, header(1, -1024).integer(Tag.BITS_STORED, Vr.US, 12), 4096));
        assertArrayEquals(new short[] {-1024}, hu(false, header(-1, 3071).integer(Tag.BITS_STORED, Vr.US, 12), 4095));
        assertFalse(table.repaired());
    }

    @Test
    void takes_empty_padding_for_none() {
        DicomObjectBuilder empty = header(1, 0).bytes(Tag.PIXEL_PADDING_VALUE, Vr.SS, new byte[0]);
        assertArrayEquals(new short[] {0, 40}, hu(true, empty, 0, 40));
        DicomObjectBuilder limit = header(1, 0)
                .integer(Tag.PIXEL_PADDING_VALUE, Vr.SS, -2000)
                .bytes(Tag.PIXEL_PADDING_RANGE_LIMIT, Vr.SS, new byte[0]);
        assertArrayEquals(new short[] {AIR, 0}, hu(true, limit, -2000, 0));
    }

    @Test
    void refuses_a_slope_of_zero() {
        assertThrows(DicomException.class, () -> hu(true, header(0, 0), 1));
    }
}
