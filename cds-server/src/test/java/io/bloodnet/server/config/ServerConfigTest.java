package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.server.retention.RetentionLimits;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerConfigTest {

    @Test
    void defaults_are_those_of_the_contract() {
        ServerConfig config = ConfigFile.defaults();
        assertThat(config.http()).isEqualTo(new HttpKeys("127.0.0.1", 8080, null, null, null));
        assertThat(config.hl7().listen().port()).isEqualTo(2575);
        assertThat(config.hl7().results()).as("no receiver unless one is named").isNull();
        assertThat(config.pacs().dicomwebUrl()).isEqualTo("http://127.0.0.1:8081/dicom-web");
        assertThat(config.ehr().fhirUrl()).isNull();
        assertThat(config.database().url()).isEqualTo("jdbc:h2:file:./data/bloodnet");
        assertThat(config.model().threshold()).isNull();
        assertThat(config.audit().keyFile()).isEqualTo("./data/audit-key.pem");
        assertThat(config.orders().giveUpHours()).isEqualTo(24);
    }

    @Test
    void the_file_of_the_contract_is_read() {
        ServerConfig config = ConfigFile.parse("""
                http:     { host: 127.0.0.1, port: 8080 }
                hl7:
                  listen:  { host: 127.0.0.1, port: 2575 }
                  results: { host: 127.0.0.1, port: 2576 }
                pacs:     { dicomweb-url: "http://127.0.0.1:8081/dicom-web" }
                ehr:      { fhir-url: "http://127.0.0.1:8082/fhir",
                            oauth: { token-url: "http://127.0.0.1:8082/token", client-id: a, private-key-file: k.pem, key-id: k, algorithm: RS384, scope: s } }
                cds-hooks: { base-url: "http://127.0.0.1:8080", clients: [ { issuer: "https://ehr.example", jwks-file: j.json } ], allowed-origins: [] }
                database: { url: "jdbc:h2:file:./data/bloodnet", user: sa, password-file: null }
                model:    { bundle: "imaging-inference/model", threshold: null }
                audit:    { key-file: "./data/audit-key.pem" }
                orders:   { head-ct-codes: [ "70450" ] }
                """);
        assertThat(config.hl7().results().port()).isEqualTo(2576);
        assertThat(config.ehr().oauth().algorithm()).isEqualTo("RS384");
        assertThat(config.cdsHooks().clients()).hasSize(1);
        assertThat(config.orders().headCtCodes()).containsExactly("70450");
    }

    @Test
    void unknown_key_stops_the_start_and_is_named() {
        assertThatThrownBy(() -> ConfigFile.parse("http: { hots: 127.0.0.1 }"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("http.hots")
                .hasMessageContaining("host, port");
    }

    @Test
    void a_name_that_only_begins_like_loopback_is_no_loopback() {
        for (String host : List.of("127.example.org", "127.0.0.1.example.org", "localhost.example.org")) {
            assertThatThrownBy(() -> ConfigFile.parse("http: { host: " + host + " }"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("http.host");
        }
        assertThat(ConfigFile.parse("http: { host: 127.8.9.1 }").http().host()).isEqualTo("127.8.9.1");
    }

    @Test
    void value_out_of_range_names_key_and_range() {
        assertThatThrownBy(() -> ConfigFile.parse("http: { port: 65536 }"))
                .hasMessageContaining("http.port 65536 is not in 0..65535");
        assertThat(ConfigFile.parse("http: { port: 65535 }").http().port()).isEqualTo(65_535);
        assertThatThrownBy(() -> ConfigFile.parse("model: { threshold: 1.01 }"))
                .hasMessageContaining("model.threshold");
        assertThatThrownBy(() -> ConfigFile.parse("orders: { quiet-seconds: 0 }"))
                .hasMessageContaining("1..3600");
    }

    @Test
    void what_is_kept_for_how_long_is_said_in_days_within_limits() {
        assertThat(ConfigFile.defaults().retention().limits()).isEqualTo(RetentionLimits.DEFAULT);
        assertThat(ConfigFile.parse("retention: { orders-days: 7, images-days: 1 }")
                        .retention()
                        .limits())
                .isEqualTo(new RetentionLimits(30, 400, 1, 7, 100, 100));
        assertThat(ConfigFile.parse("retention: { message-bodies-days: 500 }")
                        .retention()
                        .messageIdsDays())
                .isEqualTo(500);
        assertThatThrownBy(() -> ConfigFile.parse("retention: { orders-days: 6 }"))
                .hasMessageContaining("retention.orders-days 6 is not in 7..3650");
        assertThatThrownBy(() -> ConfigFile.parse("retention: { cards-days: 3651 }"))
                .hasMessageContaining("retention.cards-days");
        assertThatThrownBy(() -> ConfigFile.parse("retention: { message-bodies-days: 30, message-ids-days: 29 }"))
                .hasMessageContaining("message-ids-days must be at least");
    }

    @Test
    void wrong_type_and_broken_yaml_are_told() {
        assertThatThrownBy(() -> ConfigFile.parse("http: { port: many }")).hasMessageContaining("http.port");
        assertThatThrownBy(() -> ConfigFile.parse("http: [")).hasMessageContaining("not YAML");
        for (String text : List.of("http", "- http: { port: 1 }", "8080")) {
            assertThatThrownBy(() -> ConfigFile.parse(text)).hasMessageContaining("keys and values");
        }
        assertThat(ConfigFile.parse("# all defaults")).isEqualTo(ConfigFile.defaults());
    }

    @Test
    void beyond_loopback_needs_a_token_and_clients() {
        assertThatThrownBy(() -> ConfigFile.parse("http: { host: 0.0.0.0 }")).hasMessageContaining("http.token-file");
    }

    @Test
    void beyond_loopback_messages_need_senders_or_tls_or_the_word_that_the_network_is_closed() {
        for (String host : List.of("0.0.0.0", "::", "10.0.0.7", "bloodnet.example", "127.evil.example")) {
            String open = "hl7: { listen: { host: \"" + host + "\" }";
            assertThatThrownBy(() -> ConfigFile.parse(open + " }"))
                    .hasMessageContaining("hl7.senders")
                    .hasMessageContaining("hl7.allow-open");
            assertThatThrownBy(() -> ConfigFile.parse(open + ", senders: [] }")).hasMessageContaining("hl7.senders");
            assertThat(ConfigFile.parse(open + ", senders: [ \"RIS|HOSP\" ] }").ordersAreOpen())
                    .isFalse();
            assertThat(ConfigFile.parse(open + ", allow-open: true }").ordersAreOpen())
                    .as("said at each start")
                    .isTrue();
            String tls = open.replace(
                    " }",
                    ", tls: { key-store: k, key-store-password-file: p, trust-store: t, trust-store-password-file: p } }");
            assertThat(ConfigFile.parse(tls + " }").ordersAreOpen()).isFalse();
        }
        assertThat(ConfigFile.defaults().ordersAreOpen()).isFalse();
    }

    @Test
    void beyond_loopback_events_need_a_secret_or_the_word_that_the_network_is_closed() {
        String open =
                "http: { host: 0.0.0.0, token-file: t }\ncds-hooks: { clients: [ { issuer: x, jwks-file: y } ] }\nehr: { fhir-url: \"https://ehr.example/fhir\"";
        assertThatThrownBy(() -> ConfigFile.parse(open + " }")).hasMessageContaining("ehr.event-secret-file");
        assertThat(ConfigFile.parse(open + ", event-secret-file: s }").eventsAreOpen())
                .isFalse();
        assertThat(ConfigFile.parse(open + ", allow-open: true }").eventsAreOpen())
                .as("said at each start")
                .isTrue();
        assertThat(ConfigFile.parse(open.replace("0.0.0.0", "127.0.0.1") + " }").eventsAreOpen())
                .isFalse();
        assertThatThrownBy(() -> ConfigFile.parse(open.replace("0.0.0.0", "127.evil.example") + " }"))
                .as("not every name that begins with 127. is this machine")
                .hasMessageContaining("ehr.event-secret-file");
    }
}
