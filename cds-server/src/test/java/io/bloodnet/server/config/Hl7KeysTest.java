package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.hl7.Hl7Config;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Hl7KeysTest {

    private static final String TLS =
            "listen: { tls: { key-store: k, key-store-password-file: p, trust-store: t, trust-store-password-file: p } }";

    private static Hl7Config hl7(String keys) {
        return ConfigFile.parse("hl7: { " + keys + " }").hl7Edge();
    }

    @Test
    void a_sender_may_be_bound_to_its_certificate() {
        Hl7Config.Site site = hl7(TLS + ", senders: [ \"RIS|HOSP\", \"LAB|HOSP|CN=lab,O=Hospital\", \"X|Y|AB:12\" ]")
                .site();
        assertThat(site.senders())
                .containsExactly(
                        new Hl7Config.Sender("RIS", "HOSP", null),
                        new Hl7Config.Sender("LAB", "HOSP", "CN=lab,O=Hospital"),
                        new Hl7Config.Sender("X", "Y", "AB:12"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RIS", "|HOSP", "RIS|HOSP|"})
    void a_sender_that_cannot_be_understood_is_refused(String sender) {
        assertThatThrownBy(() -> hl7(TLS + ", senders: [ \"" + sender + "\" ]")).hasMessageContaining("hl7.senders");
    }

    @Test
    void a_certificate_without_tls_is_refused() {
        assertThatThrownBy(() -> hl7("senders: [ \"RIS|HOSP|CN=ris\" ]")).hasMessageContaining("hl7.listen.tls");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "results: { port: 2576 }; ORIGINAL",
                "results: { enhanced: true }; COMMIT",
                "results: { enhanced: true, application-ack: true }; APPLICATION"
            })
    void says_which_acknowledgements_are_waited_for(String keys, Hl7Config.AckMode mode) {
        assertThat(hl7(keys).results().mode()).isEqualTo(mode);
    }

    @Test
    void mutual_tls_needs_both_stores_and_a_wrong_field_is_named_by_its_key() {
        assertThatThrownBy(() -> hl7("listen: { tls: { key-store: k } }"))
                .hasMessageContaining("hl7.listen.tls.trust-store");
        assertThatThrownBy(() -> hl7("results: { tls: { trust-store: t } }"))
                .hasMessageContaining("hl7.results.tls.key-store");
        assertThatThrownBy(() -> hl7("accession-fields: [ OBR_3 ]")).hasMessageContaining("hl7.accession-fields");
        assertThatThrownBy(() -> hl7("accession-fields: [ ]")).hasMessageContaining("hl7.accession-fields");
        assertThat(hl7("").listen().limits()).isEqualTo(Hl7Config.Limits.defaults());
    }

    @Test
    void an_application_acknowledgement_needs_enhanced_mode() {
        assertThatThrownBy(() -> hl7("results: { application-ack: true }")).hasMessageContaining("enhanced");
    }

    @Test
    void names_time_zone_and_kind_of_reply_are_the_site_s() {
        Hl7Config config = hl7("application: ICH, facility: EAST, time-zone: Europe/Vienna, orr-replies: true,"
                + " results: { application: HIS, facility: WEST }");
        assertThat(config.site().application()).isEqualTo("ICH");
        assertThat(config.site().facility()).isEqualTo("EAST");
        assertThat(config.site().zone()).isEqualTo(ZoneId.of("Europe/Vienna"));
        assertThat(config.site().orrReplies()).isTrue();
        assertThat(config.results().application()).isEqualTo("HIS");
        assertThat(config.results().facility()).isEqualTo("WEST");
        assertThatThrownBy(() -> hl7("time-zone: Middle-Earth")).hasMessageContaining("hl7.time-zone");
    }
}
