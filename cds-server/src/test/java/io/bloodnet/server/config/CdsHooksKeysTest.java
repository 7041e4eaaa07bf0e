package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.cdshooks.card.ReversalText;
import io.bloodnet.server.cdshooks.drug.DrugClass;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The keys under {@code cds-hooks}: what they become, and that wrong values stop the start by name. */
class CdsHooksKeysTest {

    private static final String TEXT = "drug-class: heparin, text: Words, source: Protocol 7, jurisdiction: XX";

    @Test
    void everything_is_off_or_usual_where_nothing_is_said() {
        CdsHooksConfig hooks = parse("{}");
        assertThat(hooks.operation()).isEqualTo(CdsHooksConfig.Operation.defaults());
        assertThat(hooks.clinical()).isEqualTo(CdsHooksConfig.Clinical.defaults());
        assertThat(hooks.links().smartLaunch()).isNull();
        assertThat(hooks.clients()).isEmpty();
        assertThat(hooks.allowedOrigins()).isEmpty();
    }

    @Test
    void switches_links_and_clients_are_read() {
        CdsHooksConfig hooks = parse("""
                { silent: true, kill-switch-file: /run/off, smart-launch-url: "https://viewer.example/launch", ppv-floor: 0.3,
                  clients: [ { issuer: "https://ehr.example", jwks-file: keys.json, jku: [ "https://ehr.example/jwks" ] } ] }""");
        assertThat(hooks.operation().mode()).isEqualTo(CdsHooksConfig.Mode.SILENT);
        assertThat(hooks.operation().killSwitchFile()).isEqualTo(Path.of("/run/off"));
        assertThat(hooks.links().smartLaunch()).isEqualTo(URI.create("https://viewer.example/launch"));
        assertThat(hooks.clinical().ppvFloor()).isEqualTo(0.3);
        assertThat(hooks.clients().getFirst().jkus()).containsExactly(URI.create("https://ehr.example/jwks"));
        assertThat(parse("{ enabled: false, silent: true }").operation().mode()).isEqualTo(CdsHooksConfig.Mode.OFF);
    }

    @Test
    void reversal_texts_are_read_with_their_dates() {
        CdsHooksConfig.Clinical clinical =
                parse(reversal("dated: 2026-01-15, expires: 2029-01-15")).clinical();
        assertThat(clinical.jurisdiction()).isEqualTo("XX");
        assertThat(clinical.reversalTexts())
                .containsExactly(new ReversalText(
                        DrugClass.HEPARIN,
                        "Words",
                        "Protocol 7",
                        LocalDate.of(2026, 1, 15),
                        LocalDate.of(2029, 1, 15),
                        "XX"));
    }

    @Test
    void wrong_reversal_texts_stop_the_start() {
        refused(reversal("dated: 2026-01-15, expires: 2029-01-16"), "expires", "3 years");
        refused(reversal("dated: 2026-01-15, expires: 2026-01-15"), "expires must be after dated");
        refused(reversal("dated: 2026-01-15, expires: soon"), "cds-hooks.reversal");
        refused(reversal("dated: 2026-01-15"), "cds-hooks.reversal.expires");
        refused(
                reversal("dated: 2026-01-15, expires: 2027-01-15").replace("heparin", "snake-oil"),
                "cds-hooks.reversal.drug-class",
                "docs/cds-hooks.md");
        refused(
                reversal("dated: 2026-01-15, expires: 2027-01-15").replace("Words", "\"" + "w".repeat(501) + "\""),
                "501 characters");
    }

    @Test
    void wrong_links_floors_and_clients_stop_the_start() {
        refused("{ smart-launch-url: \"https://viewer.example/launch?iss=x\" }", "cds-hooks.smart-launch-url");
        refused("{ smart-launch-url: \"javascript:alert(1)\" }", "cds-hooks.smart-launch-url");
        refused("{ ppv-floor: 1.01 }", "cds-hooks.ppv-floor must be 0 to 1");
        refused("{ ppv-floor: -0.01 }", "cds-hooks.ppv-floor must be 0 to 1");
        refused("{ clients: [ { jwks-file: keys.json } ] }", "cds-hooks.clients.issuer");
        refused("{ clients: [ { issuer: x, jwks-file: a, jwks-url: \"https://a.example/b\" } ] }", "exactly one");
        refused("{ clients: [ { issuer: x, jwks-url: \"http://a.example/b\" } ] }", "jwks-url must be https");
        refused("{ allowed-origins: [ \"*\" ] }", "origin");
        refused("{ kill-switch: off }", "cds-hooks.kill-switch");
    }

    private static String reversal(String dates) {
        return "{ jurisdiction: XX, reversal: [ { " + TEXT + ", " + dates + " } ] }";
    }

    private static CdsHooksConfig parse(String keys) {
        return ConfigFile.parse("cds-hooks: " + keys).cdsHooksEdge();
    }

    private static void refused(String keys, String... saying) {
        ThrowingCallable parsing = () -> parse(keys);
        assertThatThrownBy(parsing).hasMessageContainingAll(saying);
    }
}
