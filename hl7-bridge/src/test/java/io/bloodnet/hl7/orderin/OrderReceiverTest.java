package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.field;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.model.v251.message.ORI_O24;
import ca.uhn.hl7v2.parser.PipeParser;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.OrderEvent;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Acknowledgements: original and enhanced mode, repetitions, character sets, senders, batches, sequence numbers. */
class OrderReceiverTest extends OnOneLink {

    // ---- accepted

    @Test
    void acknowledges_an_order_in_original_mode_and_swaps_sender_and_receiver() {
        String reply = ask(Messages.orm("7"));
        assertThat(msa(reply)).isEqualTo("AA 7");
        assertThat(field(reply, "MSH", 3)).isEqualTo("BLOODNET");
        assertThat(field(reply, "MSH", 5)).isEqualTo("RIS");
        assertThat(field(reply, "MSH", 9)).isEqualTo("ACK^O01");
        assertThat(field(reply, "MSH", 12)).isEqualTo("2.3.1");
        assertThat(field(reply, "MSH", 10)).hasSize(20);
        assertThat(inbox.events()).singleElement().isInstanceOf(OrderEvent.Placed.class);
    }

    @Test
    void answers_omi_with_ori_that_another_parser_reads() throws HL7Exception {
        String reply = ask(Messages.omi("7"));
        ORI_O24 ori = (ORI_O24) new PipeParser().parse(reply);
        assertThat(ori.getMSA().getAcknowledgmentCode().getValue()).isEqualTo("AA");
        assertThat(ori.getRESPONSE().getORDER().getORC().getOrderControl().getValue())
                .isEqualTo("OK");
        assertThat(ori.getRESPONSE()
                        .getORDER()
                        .getORC()
                        .getPlacerOrderNumber()
                        .getEntityIdentifier()
                        .getValue())
                .isEqualTo("P1");
        assertThat(ori.getRESPONSE()
                        .getORDER()
                        .getIPC()
                        .getAccessionIdentifier()
                        .getEntityIdentifier()
                        .getValue())
                .isEqualTo("A1");
    }

    @Test
    void answers_omg_with_org_and_orm_with_orr_where_the_site_asks() {
        String omg = ask(
                Messages.msh("OMG^O19^OMG_O19", "2.5.1", "1"),
                Messages.PID,
                "ORC|NW|P1|A1",
                Messages.obr(Messages.HEAD_CT));
        assertThat(field(omg, "MSH", 9)).isEqualTo("ORG^O20^ORG_O20");
        assertThat(field(omg, "ORC", 1)).isEqualTo("OK");
        Hl7Config.Site site = new Hl7Config.Site(
                "BLOODNET",
                "HOSP",
                Set.of(),
                List.of(),
                StandardCharsets.UTF_8,
                null,
                ZoneOffset.UTC,
                EnumSet.of(Hl7Config.AccessionField.OBR_18),
                true);
        String orm =
                new String(conversation(site, PEER).answer(Messages.orm("2")).getFirst(), StandardCharsets.UTF_8);
        assertThat(field(orm, "MSH", 9)).isEqualTo("ORR^O02");
        assertThat(field(orm, "ORC", 1)).isEqualTo("OK");
    }

    @ParameterizedTest
    @CsvSource({"NW,OK", "SN,NA", "XO,XR", "CA,CR", "OC,OK", "DC,DR", "OD,OK", "HD,HR", "RL,OR", "RP,RQ", "CH,OK"})
    void tells_what_was_done_in_the_reply_s_order_control(String asked, String told) {
        String reply = ask(Messages.omi(Messages.msh("OMI^O23^OMI_O23", "2.5.1", asked), asked));
        assertThat(msa(reply)).isEqualTo("AA " + asked);
        assertThat(field(reply, "ORC", 1)).isEqualTo(told);
    }

    @ParameterizedTest
    @CsvSource({"XO,UX", "CA,UC", "DC,UD", "HD,UH", "RL,UR", "RP,UM"})
    void tells_that_a_change_came_too_late(String asked, String told) {
        inbox.setTooLate(true);
        String reply = ask(Messages.omi(Messages.msh("OMI^O23^OMI_O23", "2.5.1", asked), asked));
        assertThat(msa(reply)).isEqualTo("AA " + asked);
        assertThat(field(reply, "ORC", 1)).isEqualTo(told);
        assertThat(field(reply, "ERR", 3)).startsWith("206");
        assertThat(field(reply, "ERR", 4)).isEqualTo("W");
    }

    @Test
    void accepts_and_records_orders_that_are_not_for_us() {
        assertThat(msa(ask(Messages.orm("C", "NW", Messages.CHEST_CT)))).isEqualTo("AA C");
        assertThat(inbox.events()).singleElement().isInstanceOf(OrderEvent.NotForUs.class);
    }

    // ---- enhanced mode

    @ParameterizedTest
    @CsvSource({
        "AL,NE,CA 1",
        "SU,NE,CA 1",
        "NE,AL,AA 1",
        "AL,AL,CA 1/AA 1",
        "AL,ER,CA 1",
        "ER,NE,''",
        "NE,NE,''",
        "AL,'',CA 1"
    })
    void acknowledges_as_msh_15_and_16_ask(String accept, String application, String expected) {
        byte[] omi = Messages.omi(Messages.msh("OMI^O23^OMI_O23", "1", accept, application), "NW");
        List<String> codes = link.answer(omi).stream()
                .map(b -> msa(new String(b, StandardCharsets.UTF_8)))
                .toList();
        assertThat(String.join("/", codes)).isEqualTo(expected);
        assertThat(inbox.received()).hasSize(1);
    }

    @Test
    void repeats_both_acknowledgements_of_enhanced_mode_byte_for_byte() {
        byte[] omi = Messages.omi(Messages.msh("OMI^O23^OMI_O23", "1", "AL", "AL"), "NW");
        List<byte[]> first = link.answer(omi);
        List<byte[]> again = conversation(Hl7Config.Site.defaults(), PEER).answer(omi);
        assertThat(again).hasSize(2);
        assertThat(again.get(0)).isEqualTo(first.get(0));
        assertThat(again.get(1)).isEqualTo(first.get(1));
        assertThat(new String(first.get(1), StandardCharsets.UTF_8)).contains("ORI^O24");
    }

    @ParameterizedTest
    @CsvSource({"AL,NE,CR 1", "ER,AL,CR 1", "NE,AL,AR 1", "SU,ER,AR 1", "NE,NE,''", "SU,SU,''"})
    void refuses_as_msh_15_and_16_ask(String accept, String application, String expected) {
        String reply = ask(Messages.msh("OMI^O23^OMI_O23", "1", accept, application), Messages.PID, "ORC|??|P1");
        assertThat(reply.isEmpty() ? "" : msa(reply)).isEqualTo(expected);
        assertThat(inbox.refused()).hasSize(1);
    }

    // ---- repetitions

    @Test
    void answers_the_same_message_with_the_same_bytes_and_does_nothing() {
        String first = ask(Messages.orm("7"));
        String again = ask(Messages.orm("7"));
        assertThat(again).isEqualTo(first);
        assertThat(inbox.received()).hasSize(1);
    }

    @Test
    void refuses_a_control_id_used_for_another_message() {
        ask(Messages.orm("7"));
        String reply = ask(Messages.orm("7", "CA", Messages.HEAD_CT));
        assertThat(msa(reply)).isEqualTo("AR 7");
        assertThat(reply).contains("205&Duplicate key identifier&HL70357");
        assertThat(inbox.events()).hasSize(1);
        assertThat(inbox.refused()).hasSize(1);
    }

    @Test
    void two_senders_may_use_the_same_control_id() {
        ask(Messages.orm("7"));
        byte[] other = new String(Messages.orm("7"), StandardCharsets.UTF_8)
                .replace("|RIS|HOSP|BLOODNET", "|RIS2|HOSP|BLOODNET")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(msa(ask(other))).isEqualTo("AA 7");
        assertThat(inbox.received()).hasSize(2);
    }

    // ---- character sets

    @ParameterizedTest
    @CsvSource({
        "UNICODE UTF-8,UTF-8,Müller-Łęcka",
        "8859/1,ISO-8859-1,Åström-Müller",
        "8859/15,ISO-8859-15,Œuvre€",
        "ISO IR87,ISO-2022-JP,山田",
        "GB 18030-2000,GB18030,李",
        "BIG-5,Big5,李",
        "windows-1252,windows-1252,Šmíd"
    })
    void reads_names_in_the_declared_character_set(String declared, String java, String name) {
        String orm = new String(Messages.orm("C"), StandardCharsets.UTF_8)
                .replace("|P|2.3.1", "|P|2.3.1||||||" + declared)
                .replace("Probe", name);
        assertThat(msa(ask(orm.getBytes(Charset.forName(java))))).isEqualTo("AA C");
        assertThat(inbox.events())
                .singleElement()
                .satisfies(e -> assertThat(
                                ((OrderEvent.Placed) e).order().patient().familyName())
                        .isEqualTo(name));
    }

    @Test
    void keeps_every_byte_of_a_message_that_promises_no_character_set() {
        byte[] orm = new String(Messages.orm("FF"), StandardCharsets.UTF_8)
                .replace("Probe", "Pro\u00ffbe")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(orm))).isEqualTo("AA FF");
        assertThat(inbox.received().getFirst().body()).isEqualTo(orm);
    }

    @Test
    void refuses_bytes_that_are_not_in_the_declared_character_set_and_unknown_ones() {
        String orm = new String(Messages.orm("LIE"), StandardCharsets.UTF_8).replace("Probe", "Pro\u00ffbe");
        byte[] lie = orm.replace("|P|2.3.1", "|P|2.3.1||||||UNICODE UTF-8").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(lie))).isEqualTo("AR LIE");
        byte[] unknown = orm.replace("|P|2.3.1", "|P|2.3.1||||||KLINGON").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(unknown))).isEqualTo("AR LIE");
        byte[] wide = orm.replace("|P|2.3.1", "|P|2.3.1||||||UTF-16").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(wide))).isEqualTo("AR LIE");
    }

    // ---- senders

    @Test
    void takes_only_listed_senders_with_their_certificates() {
        Hl7Config.Site site = Hl7Config.Site.defaults()
                .withSenders(List.of(
                        new Hl7Config.Sender("RIS", "HOSP", "CN=ris"), new Hl7Config.Sender("LAB", null, "CN=lab")));
        Peer ris = new Peer("127.0.0.1", List.of("ab12", "CN=ris"));
        Peer lab = new Peer("127.0.0.1", List.of("cd34", "CN=lab"));
        assertThat(answer(site, ris, Messages.orm("1"))).isEqualTo("AA 1");
        assertThat(answer(site, lab, Messages.orm("2"))).isEqualTo("AR 2");
        assertThat(answer(site, PEER, Messages.orm("3"))).isEqualTo("AR 3");
        OrderReceiver receiver = new OrderReceiver(inbox, site, InstantSource.fixed(NOW));
        assertThat(receiver.refusal(new Peer("127.0.0.1", List.of("ef56", "CN=else"))))
                .isPresent();
        assertThat(receiver.refusal(ris)).isEmpty();
    }

    private String answer(Hl7Config.Site site, Peer peer, byte[] message) {
        return msa(new String(conversation(site, peer).answer(message).getFirst(), StandardCharsets.UTF_8));
    }

    // ---- sequence numbers and batches

    @Test
    void holds_senders_that_count_to_their_sequence() {
        assertThat(counted("1", 41)).isEqualTo("AA 1|42");
        assertThat(counted("2", 42)).isEqualTo("AA 2|43");
        assertThat(counted("2", 42)).isEqualTo("AA 2|43");
        assertThat(counted("3", 50)).isEqualTo("AR 3|43");
        assertThat(counted("4", 43)).isEqualTo("AA 4|44");
        assertThat(counted("5", 0)).isEqualTo("AA 5|44");
        assertThat(counted("6", -1)).isEqualTo("AA 6|-1");
        assertThat(counted("7", 1)).isEqualTo("AA 7|2");
    }

    private String counted(String id, long number) {
        String reply = ask(
                Messages.msh("ORM^O01", "2.5.1", id) + "|" + number,
                Messages.PID,
                "ORC|NW|P1|A1",
                Messages.obr(Messages.HEAD_CT));
        return msa(reply) + "|" + field(reply, "MSA", 4);
    }

    @Test
    void answers_a_batch_with_a_batch_in_order() throws HL7Exception {
        String batch = "FHS|^~\\&|RIS\rBHS|^~\\&|RIS|HOSP|BLOODNET|HOSP|||||B1\r"
                + new String(Messages.orm("B-1"), StandardCharsets.UTF_8)
                + Messages.text(Messages.msh("ZZZ^Z99", "2.5.1", "B-2"))
                + new String(Messages.omi("B-3"), StandardCharsets.UTF_8)
                + "BTS|3\rFTS|1\r";
        String reply = ask(batch.getBytes(StandardCharsets.UTF_8));
        assertThat(reply).startsWith("BHS|^~\\&|BLOODNET|HOSP|RIS|HOSP").endsWith("BTS|3\r");
        assertThat(field(reply, "BHS", 11)).isEqualTo("B1");
        assertThat(reply.split("\r"))
                .filteredOn(s -> s.startsWith("MSA"))
                .extracting(s -> s.split("\\|")[1] + s.split("\\|")[2])
                .containsExactly("AAB-1", "ARB-2", "AAB-3");
        Message second = new PipeParser().parse(reply.substring(reply.indexOf("MSH"), reply.indexOf("MSH", 60)));
        assertThat(second.getName()).isEqualTo("ACK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BTS|2\r", "", "BTS|1\rBHS|^~\\&|X\r"})
    void takes_nothing_of_a_batch_whose_end_is_wrong(String end) {
        String batch = "BHS|^~\\&|RIS\r" + new String(Messages.orm("B"), StandardCharsets.UTF_8) + end;
        assertThat(msa(ask(batch.getBytes(StandardCharsets.UTF_8)))).isEqualTo("AR");
        assertThat(inbox.received()).isEmpty();
    }

    @Test
    void refuses_a_batch_whose_header_has_no_field_separator() {
        String batch = "BHS\r" + new String(Messages.orm("B"), StandardCharsets.UTF_8) + "BTS|1\r";
        assertThat(msa(ask(batch.getBytes(StandardCharsets.UTF_8)))).isEqualTo("AR");
        assertThat(inbox.received()).isEmpty();
    }
}
