package io.bloodnet.imaging.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextEncodingTest {

    /** In the manner of the examples in PS3.5 Annexes H, I and J. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ISO_IR 100 | 427563 5E 4AE972F46D65 | Buc^Jérôme",
                "ISO_IR 144 | BBEEDAE1D5DCD1E3E0D3 | Люксембург",
                "ISO_IR 192 | 57616E67 5E E5B08F E69DB1 | Wang^小東",
                "GB18030 | CDF5 5E D0A1B6AB | 王^小东",
                "\\ISO 2022 IR 87 | 59616D616461 5E 3D 1B2442 3B33 4544 1B2842 5E | Yamada^=山田^",
                "\\ISO 2022 IR 149 | 486F6E67 3D 1B242943 FBF3 5E 1B242943 D1CE D4D7 | Hong=洪^吉洞",
                "ISO 2022 IR 13\\ISO 2022 IR 87 | D4CFC0DE 3D 1B2442 3B33 4544 1B284A 5E | ﾔﾏﾀﾞ=山田^"
            })
    void decodes_names_as_the_standard_shows(String terms, String hex, String name) {
        DicomObject object = DicomObject.builder()
                .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, terms.split("\\\\", -1))
                .bytes(Tag.PATIENT_NAME, Vr.PN, HexFormat.of().parseHex(hex.replace(" ", "")))
                .build();

        assertThat(object.string(Tag.PATIENT_NAME)).contains(name);
    }

    @Test
    void nested_data_sets_inherit_the_character_set() {
        DicomObject outer = DicomObject.builder()
                .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 100")
                .string(Tag.SOP_CLASS_UID, Vr.UI, "1.2")
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, "1.2.3")
                .sequence(
                        Tag.OTHER_PATIENT_IDS_SEQUENCE,
                        DicomObject.builder()
                                .bytes(Tag.PATIENT_ID, Vr.LO, new byte[] {(byte) 0xC5, (byte) 0xC4})
                                .build())
                .build();

        DicomFile read = new DicomReader(DicomLimits.DEFAULT)
                .read(DicomWriter.write(DicomFile.of(outer, TransferSyntax.EXPLICIT_VR_LE)));

        assertThat(read.dataSet()
                        .sequence(Tag.OTHER_PATIENT_IDS_SEQUENCE)
                        .getFirst()
                        .string(Tag.PATIENT_ID))
                .contains("ÅÄ");
    }

    @Test
    void unknown_sets_and_bytes_become_replacement_characters() {
        assertThat(TextEncoding.of(List.of("ISO_IR 9999")).decode(Bytes.copyOf(new byte[] {'A', (byte) 0xE9})))
                .isEqualTo("A\uFFFD");
        assertThat(TextEncoding.of(List.of("", "ISO 2022 IR 87")).decode(Bytes.copyOf(new byte[] {'A', 0x1B})))
                .isEqualTo("A");
    }

    @Test
    void refuses_to_write_a_character_that_the_set_lacks_and_values_too_long() {
        assertThatThrownBy(() -> DicomObject.builder().string(Tag.PATIENT_NAME, Vr.PN, "Ø"))
                .isInstanceOf(DicomException.class)
                .hasMessageContaining("(0010,0010)")
                .hasMessageNotContaining("Ø");
        assertThatThrownBy(() -> DicomObject.builder().string(Tag.ACCESSION_NUMBER, Vr.SH, "12345678901234567"))
                .isInstanceOf(DicomException.class)
                .hasMessageContaining("16 characters");
        assertThatThrownBy(() -> DicomObject.builder().string(Tag.PATIENT_ID, Vr.LO, "A\\B"))
                .isInstanceOf(DicomException.class);
    }
}
