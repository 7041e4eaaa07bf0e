package io.bloodnet.imaging.dicom.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DicomJsonTest {

    private static final DicomLimits SMALL = new DicomLimits(1 << 20, 1 << 20, 1_000, 4, 1 << 20, 100_000);

    @Test
    void reads_texts_names_numbers_sequences_and_references() throws IOException {
        DicomObject object = read("""
                [{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},
                  "00100010":{"vr":"PN","Value":[{"Alphabetic":"Müller^Jürgen","Ideographic":"山田^太郎"}]},
                  "00080050":{"vr":"SH"},
                  "00200032":{"Value":[-125.5,null,"42"],"vr":"DS"},
                  "00200037":{"vr":"DS","Value":[1.0,0,0,0,1,0]},
                  "00201208":{"vr":"IS","Value":[36]},
                  "00280010":{"vr":"US","Value":[512]},
                  "00209165":{"vr":"AT","Value":["00200032"]},
                  "00081199":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["2.25.7"]}},null]},
                  "00090010":{"vr":"UN","InlineBinary":"AQI="},
                  "7FE00010":{"vr":"OW","BulkDataURI":"http://elsewhere/bulk"}}]""").getFirst();

        assertThat(object.string(Tag.PATIENT_NAME)).contains("Müller^Jürgen=山田^太郎");
        assertThat(object.string(Tag.SPECIFIC_CHARACTER_SET)).contains("ISO_IR 192");
        assertThat(object.string(Tag.ACCESSION_NUMBER)).isEmpty();
        assertThat(object.strings(Tag.IMAGE_POSITION_PATIENT)).containsExactly("-125.5", "", "42");
        assertThat(object.requiredDecimals(Tag.IMAGE_ORIENTATION_PATIENT, 6)).containsExactly(1, 0, 0, 0, 1, 0);
        assertThat(object.requiredInteger(Tag.NUMBER_OF_STUDY_RELATED_INSTANCES))
                .isEqualTo(36);
        assertThat(object.requiredInteger(Tag.ROWS)).isEqualTo(512);
        assertThat(object.integers(Tag.DIMENSION_INDEX_POINTER)).containsExactly(Tag.IMAGE_POSITION_PATIENT);
        assertThat(object.sequence(Tag.REFERENCED_SOP_SEQUENCE)).hasSize(2);
        assertThat(object.sequence(Tag.REFERENCED_SOP_SEQUENCE).getFirst().uid(Tag.REFERENCED_SOP_INSTANCE_UID))
                .contains("2.25.7");
        assertThat(object.bytes(0x0009_0010)).contains(Bytes.copyOf(new byte[] {1, 2}));
        assertThat(object.element(Tag.PIXEL_DATA))
                .contains(new DataElement.BulkReference(Tag.PIXEL_DATA, Vr.OW, "http://elsewhere/bulk"));
    }

    @Test
    void reads_an_empty_answer_and_a_single_object() throws IOException {
        assertThat(read("[]")).isEmpty();
        assertThat(read("{}")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[",
                "7",
                "[7]",
                "[{}]]",
                "[{}",
                "{\"00080050\":{\"vr\":\"SH\"},\"00080050\":{\"vr\":\"SH\"}}",
                "NaN",
                "[NaN]",
                "[{}{}]"
            })
    void refuses_what_is_no_dicom_json(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOfSatisfying(
                        DicomException.class, e -> assertThat(e.code()).isEqualTo(DicomException.Code.INVALID_JSON));
    }

    /** Archives send such values in attributes that nobody needs; whoever needs one is told which. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "{\"vr\":\"XX\"}",
                "{\"vr\":\"SH\",\"Value\":\"A\"}",
                "{\"vr\":\"SH\",\"Value\":[[1]]}",
                "{\"vr\":\"SH\",\"Value\":[{}]}",
                "{\"vr\":\"US\",\"Value\":[\"x\"]}",
                "{\"vr\":\"US\",\"Value\":[1e400]}",
                "{\"vr\":\"US\",\"Value\":[1.5]}",
                "{\"vr\":\"US\",\"Value\":[null]}",
                "{\"vr\":\"US\",\"Value\":[65536]}",
                "{\"vr\":\"FD\",\"Value\":[\"NaN\"]}",
                "{\"vr\":\"FD\",\"Value\":[NaN]}",
                "{\"vr\":\"FL\",\"Value\":[\"-Infinity\"]}",
                "{\"vr\":\"OB\",\"Value\":[1]}",
                "{\"vr\":\"OB\",\"InlineBinary\":\"*\"}",
                "{\"vr\":\"SQ\",\"Value\":[\"x\"]}"
            })
    void a_broken_attribute_spoils_only_itself(String element) throws IOException {
        DicomObject object = read("{\"00280010\":" + element + ",\"00200011\":{\"vr\":\"IS\",\"Value\":[3]}}")
                .getFirst();
        assertThat(object.requiredInteger(0x0020_0011)).isEqualTo(3);
        assertThatThrownBy(() -> {
                    object.requiredInteger(Tag.ROWS);
                    object.sequence(Tag.ROWS);
                })
                .isInstanceOf(DicomException.class)
                .hasMessageContaining("(0028,0010)");
    }

    @Test
    void an_attribute_without_vr_has_its_usual_one_and_other_fields_are_ignored() throws IOException {
        DicomObject object =
                read("\uFEFF{\"00280010\":{\"Value\":[7]},\"00080050\":{},\"_links\":{},\"0008\":{\"vr\":\"CS\"}}")
                        .getFirst();
        assertThat(object.requiredInteger(Tag.ROWS)).isEqualTo(7);
        assertThat(object.string(Tag.ACCESSION_NUMBER)).isEmpty();
        assertThat(object.elements()).hasSize(2);
    }

    @Test
    void refuses_nesting_size_and_tokens_above_the_limits() {
        String deep = "{\"00081199\":{\"vr\":\"SQ\",\"Value\":[".repeat(100_000 / 40);
        assertThatThrownBy(() -> read(deep)).isInstanceOf(DicomException.class).hasMessageContaining("nesting");
        assertThatThrownBy(() -> read("[".repeat(50_000))).isInstanceOf(DicomException.class);
        assertThatThrownBy(() -> read(" ".repeat(100_001)))
                .isInstanceOf(DicomException.class)
                .hasMessageContaining("100000 bytes");
        assertThatThrownBy(() -> read("[" + "{},".repeat(30_000) + "{}]"))
                .isInstanceOf(DicomException.class)
                .hasMessageContaining("tokens");
    }

    @Test
    void messages_never_quote_the_input() {
        assertThatThrownBy(
                        () -> read("[{\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"SECRET^NAME\" SECRET"))
                .isInstanceOf(DicomException.class)
                .hasMessageNotContaining("SECRET");
    }

    private static List<DicomObject> read(String json) throws IOException {
        return new DicomJson(SMALL).read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }
}
