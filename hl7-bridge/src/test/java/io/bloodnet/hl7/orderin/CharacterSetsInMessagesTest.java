package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.field;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Patient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MSH-18 with several sets, MSH-20, ISO 2022 and HL7's own escapes: names are read, and no byte of a character is a delimiter. */
class CharacterSetsInMessagesTest extends OnOneLink {

    private static final String LIST = "~ISO IR87||ISO 2022-1994";

    private Patient patient(byte[] message) {
        String reply = ask(message);
        assertThat(msa(reply)).startsWith("AA");
        return ((OrderEvent.Placed) inbox.events().getLast()).order().patient();
    }

    /** An order whose family name is these bytes. */
    private static byte[] order(String msh18, byte[] name) {
        String text =
                new String(Messages.orm("S"), StandardCharsets.UTF_8).replace("|P|2.3.1", "|P|2.3.1||||||" + msh18);
        int at = text.indexOf("Probe");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(text.substring(0, at).getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(name);
        all.writeBytes(text.substring(at + "Probe".length()).getBytes(StandardCharsets.US_ASCII));
        return all.toByteArray();
    }

    private static byte[] latin(String bytes) {
        return bytes.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "01a-msh18-list,YAMAMOTO,MEGUMI",
        "01b-msh18-list,YAMAMOTO,MEGUMI",
        "01c-msh18-list,山本,恵美",
        "01control-msh18-list,YAMAMOTO,MEGUMI"
    })
    void reads_names_of_messages_that_list_several_sets(String file, String family, String given) {
        Patient patient = patient(FieldMessages.bytes(file));
        assertThat(patient.familyName()).isEqualTo(family);
        assertThat(patient.givenName()).isEqualTo(given);
        assertThat(patient.birthDate()).hasToString("1957-03-03");
    }

    @Test
    void no_byte_of_a_two_byte_character_is_a_delimiter() {
        Charset jis = Charset.forName("EUC-JP");
        int checked = 0;
        for (int lead = 0x30; lead < 0x4f; lead++) {
            for (int trail : new int[] {'|', '^', '~', '\\', '&'}) {
                String name = new String(new byte[] {(byte) (lead | 0x80), (byte) (trail | 0x80)}, jis);
                if (name.indexOf('\ufffd') < 0) {
                    byte[] bytes = latin("\u001b$B" + (char) lead + (char) trail + "\u001b(B");
                    Patient read = patient(latin(new String(order(LIST, bytes), StandardCharsets.ISO_8859_1)
                            .replace("|S|P|", "|S" + checked + "|P|")));
                    assertThat(read.familyName()).startsWith(name);
                    assertThat(read.givenName()).isEqualTo("Pat");
                    checked++;
                }
            }
        }
        assertThat(checked).isGreaterThan(100);
    }

    @ParameterizedTest
    @CsvSource({
        "Big5,BIG-5,許功蓋",
        "GB18030,GB 18030-2000,張鷟",
        "Shift_JIS,Shift_JIS,ソ表",
        "EUC-KR,KS X 1001,김희중",
        "EUC-TW,CNS 11643-1992,許功蓋"
    })
    void no_byte_of_a_character_in_one_wide_set_is_a_delimiter(String java, String declared, String name) {
        Patient read = patient(order(declared, name.getBytes(Charset.forName(java))));
        assertThat(read.familyName()).isEqualTo(name);
        assertThat(read.givenName()).isEqualTo("Pat");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '§',
            value = {
                "~ISO IR87||ISO 2022-1994§/$B;3K\\/(B§山本",
                "ASCII~ISO IR87||ISO 2022-1994§/$@;3K\\/(J§山本",
                "~ISO IR87~ISO IR159||ISO 2022-1994§/$B;3/$(D0!/(B§山丂",
                "ISO IR14~ISO IR87||ISO 2022-1994§ÔÏÀÞ/$B;3/(J§ﾔﾏﾀﾞ山",
                "~ISO IR14||ISO 2022-1994§/(ITO@^/(B§ﾔﾏﾀﾞ",
                "~KS X 1001||ISO 2022-1994§/$)C±è§김",
                "~KS X 1001||ISO 2022-1994§/$(C1h/(B§김",
                "~GB 18030-2000||ISO 2022-1994§/$)AÀî§李",
                "ASCII~8859/5||ISO 2022-1994§/-L¸ÒÐÝ§Иван",
                "8859/1~8859/7||ISO 2022-1994§Zoë/-FÍ§ZoëΝ",
                "§/$B;3K\\/(B§山本",
                "UNICODE UTF-8§/$B;3K\\/(B§山本"
            })
    void reads_text_that_changes_its_set(String msh18, String bytes, String name) {
        byte[] message = order(msh18 == null ? "" : msh18, latin(bytes.replace('/', '\u001b')));
        assertThat(patient(message).familyName()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '§',
            value = {
                "~ISO IR87||2.3§\\M2442\\;3K\\\\C2842\\§山本",
                "~ISO IR87||2.3§\\M2442\\;3K\\\\C284A\\§山本",
                "~ISO IR159||2.3§\\M242844\\0!\\C2842\\§丂",
                "~8859/5||2.3§\\C2D4C\\¸§И",
                "UNICODE UTF-8§\\M2442\\;3K\\\\C2842\\§山本"
            })
    void reads_text_that_changes_its_set_by_hl7_s_own_escapes(String msh18, String bytes, String name) {
        assertThat(patient(order(msh18, latin(bytes))).familyName()).startsWith(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "~KLINGON||ISO 2022-1994",
                "KLINGON~ISO IR87||ISO 2022-1994",
                "ASCII~UNICODE UTF-16",
                "~ISO IR87||ISO 9999"
            })
    void refuses_a_message_that_names_a_set_or_a_way_of_changing_that_is_not_known(String msh18) {
        String reply = ask(
                latin(new String(order(msh18, latin("Probe")), StandardCharsets.ISO_8859_1).replace("2.3.1", "2.5.1")));
        assertThat(msa(reply)).isEqualTo("AR S");
        assertThat(field(reply, "ERR", 3)).startsWith("103");
        assertThat(inbox.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/$B;3K\\", "/$B;", "/$B;3K/(B", "/-L¸"})
    void refuses_a_segment_that_leaves_a_wide_set_open_or_cuts_a_character(String bytes) {
        boolean whole = bytes.startsWith("/-L");
        String reply = ask(order(LIST, latin(bytes.replace('/', '\u001b'))));
        assertThat(msa(reply)).isEqualTo(whole ? "AA S" : "AR S");
    }

    @Test
    void each_segment_begins_in_the_message_s_first_set() {
        byte[] message =
                latin(new String(order("ASCII~8859/5||ISO 2022-1994", latin("\u001b-L¸")), StandardCharsets.ISO_8859_1)
                        .replace("CT HEAD WO CONTRAST", "CT T\u00caTE"));
        assertThat(msa(ask(message))).as("0xCA is no ASCII").isEqualTo("AR S");
    }

    @Test
    void answers_in_the_sets_of_the_message() {
        String text = new String(
                        Messages.omi(Messages.msh("OMI^O23^OMI_O23", "2.5.1", "9") + "||||||" + LIST, "NW"),
                        StandardCharsets.UTF_8)
                .replace("CT HEAD WO CONTRAST", "頭部CT");
        byte[] message = text.getBytes(Charset.forName("ISO-2022-JP"));
        byte[] reply =
                conversation(Hl7Config.Site.defaults(), PEER).answer(message).getFirst();
        String read = new String(reply, Charset.forName("ISO-2022-JP"));
        assertThat(field(read, "MSH", 18)).isEqualTo("~ISO IR87");
        assertThat(field(read, "MSH", 20)).isEqualTo("ISO 2022-1994");
        assertThat(field(read, "OBR", 4)).isEqualTo("CTHEADWO^頭部CT^L^30799-1^CT Head WO contrast^LN");
    }
}
