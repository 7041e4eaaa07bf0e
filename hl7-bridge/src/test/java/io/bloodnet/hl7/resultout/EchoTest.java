package io.bloodnet.hl7.resultout;

import static io.bloodnet.hl7.RawPeer.field;
import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.parser.PipeParser;
import ca.uhn.hl7v2.util.Terser;
import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.Reports;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.hl7.orderin.OrderReceiver;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes back to systems is what they said: escapes, and numbers with who gave them. */
class EchoTest {

    private final FakeOrderInbox inbox = new FakeOrderInbox();

    private String answer(byte[] message) {
        List<byte[]> replies = new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.system())
                .open(new Peer("127.0.0.1", List.of()))
                .answer(message);
        return new String(replies.getFirst(), StandardCharsets.UTF_8);
    }

    private String oru(byte[] message) {
        assertThat(answer(message)).contains("MSA|AA|");
        ImagingOrder order = ((OrderEvent.Placed) inbox.events().getFirst()).order();
        return new String(
                new OruMessage(Hl7Config.Site.defaults(), Hl7Config.Results.plain("127.0.0.1", 2576))
                        .write(Reports.positive(order)),
                StandardCharsets.UTF_8);
    }

    private static byte[] order(String family) {
        return new String(Messages.omi("1"), StandardCharsets.UTF_8)
                .replace("Probe", family)
                .getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "M\\XC3BC\\ller",
                "M\\X0D\\\\X0A\\ller",
                "\\XC3BC\\",
                "A\\Zab1\\B",
                "A\\.br\\B",
                "A\\H\\B\\N\\",
                "A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F",
                "\\E\\X",
                "Müller"
            })
    void escape_sequences_come_back_as_they_came(String family) {
        assertThat(field(oru(order(family)), "PID", 5)).isEqualTo(family + "^Pat");
    }

    @Test
    void a_hexadecimal_escape_is_never_escaped_again() {
        assertThat(field(oru(order("M\\XC3BC\\ller")), "PID", 5)).doesNotContain("\\E\\");
    }

    @ParameterizedTest
    @CsvSource({"A\\B,A\\E\\B", "A\\,A\\E\\", "A\\X0\\B,A\\E\\X0\\E\\B", "A\\XZZ\\B,A\\E\\XZZ\\E\\B"})
    void an_escape_character_that_begins_no_sequence_is_text(String family, String back) {
        assertThat(field(oru(order(family)), "PID", 5)).isEqualTo(back + "^Pat");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "P1^RIS",
                "P1^RIS^1.2.3^ISO",
                "P1^^1.2.3^ISO",
                "P1",
                "P1^EPIC PLACER^2.16.840.1^ISO",
                "P\\T\\1^R\\T\\D"
            })
    void a_placer_number_goes_back_with_who_gave_it(String placer) throws HL7Exception {
        byte[] message = new String(Messages.omi("1"), StandardCharsets.UTF_8)
                .replace("|P1^RIS|A1^RIS", "|" + placer + "|A1^MODALITY^9.8^ISO")
                .getBytes(StandardCharsets.UTF_8);
        String oru = oru(message);
        assertThat(field(oru, "ORC", 2)).isEqualTo(placer);
        assertThat(field(oru, "OBR", 2)).isEqualTo(placer);
        assertThat(field(oru, "OBR", 29)).isEqualTo(placer.replace('^', '&') + "^A1&MODALITY&9.8&ISO");
        Message read = new PipeParser().parse(oru);
        assertThat(new Terser(read).get("/PATIENT_RESULT/ORDER_OBSERVATION/OBR-29-2-2"))
                .isEqualTo("MODALITY");
        assertThat(field(answer(message), "ORC", 2)).isEqualTo(placer);
        assertThat(field(answer(message), "ORC", 3)).isEqualTo("A1^MODALITY^9.8^ISO");
    }

    @Test
    void what_is_answered_of_an_order_is_as_it_came_in_our_separators() {
        String odd = new String(Messages.omi("1"), StandardCharsets.UTF_8)
                .replace("CT HEAD WO CONTRAST", "CT\\XC3BC\\ HEAD&sub\\.br\\")
                .replace("P1^RIS", "P#1^RIS");
        String same = answer(odd.getBytes(StandardCharsets.UTF_8));
        assertThat(field(same, "OBR", 4)).startsWith("CTHEADWO^CT\\XC3BC\\ HEAD&sub\\.br\\^L^");
        String swapped = odd.replace("|1|", "|2|")
                .replace("\\", "!")
                .replace("^~!&", "#*!%")
                .replace("P#1", "P!S!1^x")
                .replace("^", "#")
                .replace("&", "%");
        String reply = answer(swapped.getBytes(StandardCharsets.UTF_8));
        assertThat(field(reply, "OBR", 4)).startsWith("CTHEADWO^CT\\XC3BC\\ HEAD&sub\\.br\\^L^");
        assertThat(field(reply, "ORC", 2)).isEqualTo("P\\S\\1^x^RIS");
    }
}
