package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.field;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.Messages;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, how the sender is told, and that nothing of it is taken. */
class OrderRefusalTest extends OnOneLink {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"http://127.0.0.1/x\">]><ORM_O01/>",
                "  \r\n<ORM_O01 xmlns=\"urn:hl7-org:v2xml\"/>",
                "\u00ef\u00bb\u00bf<ORM_O01/>",
                "GARBAGE without a header",
                "",
                "MSH",
                "MSH|",
                "MSH|^",
                "MSH|^^^^|RIS",
                "MSH||~\\&|RIS",
                "MSH|^~\\&",
                "MSHx^~\\&xRIS",
                "\u00ef\u00bb\u00bfMSH|^~\\&|RIS|HOSP",
                "MSA|AA|1"
            })
    void refuses_what_is_no_er7_without_inventing_a_control_id(String text) {
        String reply = ask(text.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(msa(reply)).isEqualTo("AR");
        assertThat(inbox.refused()).hasSize(1);
        assertThat(inbox.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "ORM^O01;2.3.1;;P;101;AR",
                "ZZZ^Z99;2.5.1;1;P;200;AR 1",
                "ORM^O02;2.5.1;1;P;201;AR 1",
                "OMI;2.5.1;1;P;201;AR 1",
                "ORM^O01;2.5.1;1;X;202;AR 1",
                "ORM^O01;2.5.1;1;;202;AR 1",
                "ORM^O01;3.0;1;P;203;AR 1",
                "ORM^O01;;1;P;203;AR 1",
            })
    void refuses_a_header_by_the_code_of_table_0357(
            String type, String version, String id, String processing, String code, String answer) {
        String msh = "MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|20261123||" + type + "|" + (id == null ? "" : id) + "|"
                + (processing == null ? "" : processing) + "|" + (version == null ? "" : version);
        String reply = ask(msh, Messages.PID, "ORC|NW|P1|A1", Messages.obr(Messages.HEAD_CT));
        assertThat(msa(reply)).isEqualTo(answer);
        assertThat(reply).contains(code);
        assertThat(inbox.received()).isEmpty();
    }

    @Test
    void refuses_a_control_id_over_its_limit_without_echoing_it() {
        String reply = ask(Messages.orm("9".repeat(5_000)));
        assertThat(msa(reply)).isEqualTo("AR");
        assertThat(reply).contains("5000 characters").doesNotContain("99999");
    }

    @Test
    void a_control_id_with_an_escaped_separator_comes_back_escaped() {
        String reply = ask(Messages.orm("A\\F\\B"));
        assertThat(msa(reply)).isEqualTo("AA A\\F\\B");
        assertThat(inbox.received().getFirst().origin().messageId()).isEqualTo("A|B");
    }

    @Test
    void never_answers_an_acknowledgement() {
        assertThat(link.answer(Messages.bytes(Messages.msh("ACK^O01", "2.5.1", "L"), "MSA|AA|NOBODY")))
                .isEmpty();
        assertThat(inbox.refused()).hasSize(1);
    }

    @Test
    void refuses_line_feeds_as_segment_ends_and_takes_carriage_return_line_feed() {
        String orm = new String(Messages.orm("LF"), StandardCharsets.UTF_8);
        String refused = ask(orm.replace('\r', '\n').getBytes(StandardCharsets.UTF_8));
        assertThat(msa(refused)).isEqualTo("AR");
        assertThat(refused).contains("not with LF");
        assertThat(msa(ask(orm.replace("\r", "\r\n").getBytes(StandardCharsets.UTF_8))))
                .isEqualTo("AA LF");
    }

    @Test
    void refuses_nul_bytes() {
        String orm = new String(Messages.orm("NUL"), StandardCharsets.UTF_8).replace("Probe", "Pro\0be");
        assertThat(msa(ask(orm.getBytes(StandardCharsets.UTF_8)))).isEqualTo("AR NUL");
    }

    @Test
    void refuses_a_million_empty_segments_and_a_name_of_a_million_characters() {
        String orm = new String(Messages.orm("MANY"), StandardCharsets.UTF_8);
        String empty = ask((orm + "\r".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8));
        assertThat(msa(empty)).isEqualTo("AR MANY");
        assertThat(empty).contains("segments");
        String field = ask(orm.replace("Probe", "x".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8));
        assertThat(msa(field)).isEqualTo("AR MANY");
        assertThat(field).contains("PID").contains("limit is 250");
    }

    @Test
    void refuses_a_million_repetitions_and_is_not_held_up_by_a_million_components() {
        String orm = new String(Messages.orm("MANY"), StandardCharsets.UTF_8);
        String repetitions = ask(orm.replace("M0001", "~".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8));
        assertThat(msa(repetitions)).isEqualTo("AR MANY");
        assertThat(repetitions).contains("limit is 50");
        String components = ask(orm.replace("Probe", "^&".repeat(500_000)).getBytes(StandardCharsets.UTF_8));
        assertThat(msa(components)).isEqualTo("AA MANY");
    }

    @Test
    void refuses_a_line_that_is_no_segment() {
        String reply = ask(Messages.msh("ORM^O01", "2.5.1", "1"), "this is text", Messages.PID);
        assertThat(msa(reply)).isEqualTo("AR 1");
        assertThat(field(reply, "ERR", 3)).startsWith("100");
    }

    @Test
    void says_where_it_is_wrong_in_the_way_of_each_version() {
        String now =
                ask(Messages.msh("OMI^O23", "2.5.1", "1"), "PID|1", "ORC|NW|P1|A1", Messages.obr(Messages.HEAD_CT));
        assertThat(field(now, "ERR", 2)).isEqualTo("PID^1^3");
        assertThat(field(now, "ERR", 3)).isEqualTo("101^Required field missing^HL70357");
        assertThat(field(now, "ERR", 4)).isEqualTo("E");
        String old =
                ask(Messages.msh("ORM^O01", "2.3.1", "2"), "PID|1", "ORC|NW|P1|A1", Messages.obr(Messages.HEAD_CT));
        assertThat(field(old, "ERR", 1)).isEqualTo("PID^1^3^101&Required field missing&HL70357");
        assertThat(field(old, "MSA", 3)).isEqualTo("the patient has no identifier");
    }

    @Test
    void tells_the_sender_to_try_again_when_nothing_can_be_made_durable() {
        inbox.setUnavailable(true);
        String order = ask(Messages.orm("1"));
        assertThat(msa(order)).isEqualTo("AE 1");
        assertThat(order).contains("207").contains("try again");
        assertThat(msa(ask(Messages.omi(Messages.msh("OMI^O23", "2", "AL", "AL"), "NW"))))
                .isEqualTo("CE 2");
        assertThat(msa(ask("garbage".getBytes(StandardCharsets.US_ASCII)))).isEqualTo("AE");
        inbox.setUnavailable(false);
        assertThat(msa(ask(Messages.orm("1")))).isEqualTo("AA 1");
    }
}
