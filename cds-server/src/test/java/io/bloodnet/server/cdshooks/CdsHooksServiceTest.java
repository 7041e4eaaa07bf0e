package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.server.cdshooks.card.OverrideReason;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.card.ReversalText;
import io.bloodnet.server.cdshooks.drug.DrugClass;
import io.bloodnet.server.cdshooks.request.HookService;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cards as an EHR gets them over HTTP. */
class CdsHooksServiceTest {

    private static final HookService VIEW = HookService.PATIENT_VIEW;
    private static final HookService SIGN = HookService.ORDER_SIGN;

    private HooksServer server = new HooksServer(HooksServer.config());

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void discovers_four_services_with_prefetch_in_tokens_of_2_0() {
        HttpResponse<String> response = server.get("");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode services = HooksServer.json(response).get("services");
        assertThat(services).hasSize(4).allSatisfy(service -> {
            for (String member : List.of("hook", "id", "title", "description", "version")) {
                assertThat(service.path(member).asText()).isNotBlank();
            }
            service.path("prefetch")
                    .forEach(template -> assertThat(template.asText().replace("{{context.patientId}}", ""))
                            .doesNotContain("{"));
        });
        assertNothingEmpty(HooksServer.json(response), "");
    }

    @Test
    void flags_a_positive_finding_that_nobody_has_read() {
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        JsonNode cards = server.cards(VIEW, Requests.call(VIEW));
        assertThat(cards).hasSize(1);
        JsonNode card = cards.get(0);
        assertThat(card.path("indicator").asText()).isEqualTo("critical");
        assertThat(card.path("summary").asText())
                .isEqualTo(
                        "AI suspects intracranial hemorrhage on head CT 01 Mar 11:00 UTC - NOT reviewed by radiology");
        assertThat(card.path("detail").asText())
                .contains(
                        "0.97",
                        "threshold 0.50",
                        "12.3 mL",
                        "bloodnet 1\\.0\\.0",
                        "does not exclude",
                        "not reviewed",
                        "preliminary");
        assertThat(card.path("links")).extracting(l -> l.path("type").asText()).containsOnly("absolute");
        assertThat(card.path("links").get(0).path("url").asText()).isEqualTo(HooksServer.BASE + "/?job=job-1");
        assertThat(card.path("suggestions")
                        .get(0)
                        .path("actions")
                        .get(0)
                        .path("resource")
                        .path("status")
                        .asText())
                .isEqualTo("draft");
        assertThat(card.path("selectionBehavior").asText()).isEqualTo("at-most-one");
        assertThat(card.path("overrideReasons"))
                .allSatisfy(r -> assertThat(r.path("system").asText()).isEqualTo(OverrideReason.SYSTEM));
        assertThat(card.toString()).doesNotContain(Requests.MRN);
        assertNothingEmpty(cards, "");
    }

    @Test
    void answers_no_cards_for_a_negative_finding_or_a_patient_we_do_not_know() {
        server.given(Requests.MRN, Findings.negative("job-1", hoursAgo(1)));
        assertThat(server.call(VIEW, Requests.call(VIEW), null).body()).isEqualTo("{\"cards\":[]}");
        assertThat(server.call(VIEW, Requests.call(VIEW, "pat-2", "MRN0002"), null)
                        .body())
                .isEqualTo("{\"cards\":[]}");
    }

    @Test
    void informs_when_a_study_could_not_be_analyzed() {
        server.given(Requests.MRN, Findings.notAnalyzed("job-1", hoursAgo(1)));
        JsonNode card = server.cards(VIEW, Requests.call(VIEW)).get(0);
        assertThat(card.path("indicator").asText()).isEqualTo("info");
        assertThat(card.path("detail").asText()).contains("no result", "too few axial slices", "not a negative result");
        assertThat(card.has("suggestions")).isFalse();
        assertThat(card.has("selectionBehavior")).isFalse();
    }

    @Test
    void flags_at_the_start_of_an_encounter_too() {
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        HookService start = HookService.ENCOUNTER_START;
        assertThat(server.cards(start, Requests.call(start))).hasSize(1);
        ObjectNode without = Requests.call(start);
        ((ObjectNode) without.get("context")).remove("encounterId");
        assertThat(server.call(start, without, null).statusCode()).isEqualTo(400);
    }

    @Test
    void asks_for_the_patient_where_it_could_not_tell_whose_chart_it_is() {
        ObjectNode body = Requests.call(VIEW);
        body.remove("prefetch");
        assertThat(server.call(VIEW, body, null).statusCode()).isEqualTo(412);
        body.putObject("prefetch").putNull("patient"); // the EHR says that it has none
        assertThat(server.call(VIEW, body, null).statusCode()).isEqualTo(200);
    }

    @Test
    void is_silent_to_a_person_after_feedback_and_counts_it_once() {
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        String uuid =
                server.cards(VIEW, Requests.call(VIEW)).get(0).path("uuid").asText();
        String feedback = feedback(
                uuid,
                "\"outcome\":\"overridden\",\"overrideReason\":{\"reason\":{\"code\":\"expert-contradicts\"},"
                        + "\"userComment\":\"known\"}");
        for (int again = 0; again < 3; again++) {
            HttpResponse<String> response = server.post("/ich-patient-view/feedback", feedback);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEmpty();
        }
        assertThat(server.cards(VIEW, Requests.call(VIEW))).isEmpty();
        ObjectNode other = Requests.call(VIEW);
        ((ObjectNode) other.get("context")).put("userId", "Practitioner/2").put("encounterId", "enc-2");
        assertThat(server.cards(VIEW, other)).hasSize(1);
        assertThat(server.metrics.value(
                        "bloodnet_cds_feedback_total",
                        "service",
                        "ich-patient-view",
                        "outcome",
                        "overridden",
                        "reason",
                        "expert-contradicts"))
                .isEqualTo(1);
        assertThat(server.audit.events(AuditEvent.CardFeedback.class))
                .hasSize(3)
                .allSatisfy(e -> assertThat(e.reasonCode()).isEqualTo("expert-contradicts"));
    }

    @Test
    void takes_accepted_feedback_and_feedback_on_cards_it_does_not_know() {
        String accepted = "\"outcome\":\"accepted\",\"acceptedSuggestions\":[{\"id\":\"" + UUID.randomUUID() + "\"}]";
        HttpResponse<String> response = server.post(
                "/ich-patient-view/feedback", feedback(UUID.randomUUID().toString(), accepted));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(server.metrics.value("bloodnet_cds_feedback_unknown_card_total"))
                .isEqualTo(1);
    }

    @Test
    void refuses_feedback_that_is_not_as_the_protocol_says() {
        String card = UUID.randomUUID().toString();
        for (String bad : List.of(
                feedback(card, "\"x\":1"),
                feedback(card, "\"outcome\":\"liked\""),
                feedback(card, "\"outcome\":\"accepted\""),
                "{\"feedback\":[]}",
                "{}",
                "{\"feedback\":[{\"outcome\":\"overridden\",\"outcomeTimestamp\":\"2026-03-01T12:00:00Z\"}]}",
                "{\"feedback\":[{\"card\":\"c\",\"outcome\":\"overridden\",\"outcomeTimestamp\":\"yesterday\"}]}")) {
            HttpResponse<String> response = server.post("/ich-patient-view/feedback", bad);
            assertThat(response.statusCode()).as(bad).isEqualTo(400);
            assertOutcome(response);
        }
    }

    @Test
    void stops_an_anticoagulant_at_signing_and_warns_at_selecting() {
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        ObjectNode harmless = Requests.draft("med-3", Requests.RXNORM, "161", "acetaminophen");
        ObjectNode apixaban = Requests.draft("med-4", Requests.RXNORM, "1364430", "apixaban");
        JsonNode cards = server.cards(SIGN, Requests.orders(SIGN, harmless, apixaban));
        assertThat(cards).hasSize(1);
        JsonNode card = cards.get(0);
        assertThat(card.path("indicator").asText()).isEqualTo("critical");
        assertThat(card.path("summary").asText()).contains("apixaban").hasSizeLessThan(140);
        JsonNode action = card.path("suggestions").get(0).path("actions").get(0);
        assertThat(action.path("type").asText()).isEqualTo("delete");
        assertThat(action.path("resourceId").asText()).isEqualTo("MedicationRequest/med-4");
        assertThat(card.toString()).doesNotContain("med-3", "andexanet");
        assertNothingEmpty(cards, "");

        HookService select = HookService.ORDER_SELECT;
        ObjectNode body = Requests.orders(select, harmless, apixaban);
        assertThat(server.cards(select, body).get(0).path("indicator").asText()).isEqualTo("warning");
        ((com.fasterxml.jackson.databind.node.ArrayNode) body.path("context").path("selections"))
                .removeAll()
                .add("MedicationRequest/med-3");
        assertThat(server.cards(select, body)).isEmpty();
    }

    @Test
    void judges_orders_by_what_is_known_of_the_patient() {
        ObjectNode order = Requests.orders(SIGN, Requests.warfarin("m"));
        assertThat(server.cards(SIGN, order)).isEmpty();
        PatientFinding positive = Findings.positive("job-1", hoursAgo(1));
        server.given(Requests.MRN, Findings.read(positive, hoursAgo(0), false));
        assertThat(server.cards(SIGN, order)).as("a final report denies it").isEmpty();
        server.given(Requests.MRN, Findings.read(Findings.negative("job-1", hoursAgo(1)), hoursAgo(0), true));
        assertThat(server.cards(SIGN, order).get(0).path("summary").asText()).contains("confirmed");
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(73)));
        assertThat(server.cards(SIGN, order)).as("too long ago").isEmpty();
    }

    @Test
    void lets_an_order_pass_after_its_card_was_overridden_with_a_reason_but_not_another_drug() {
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        ObjectNode order = Requests.orders(SIGN, Requests.warfarin("m"));
        String uuid = server.cards(SIGN, order).get(0).path("uuid").asText();
        server.post("/ich-order-sign/feedback", feedback(uuid, "\"outcome\":\"overridden\""));
        assertThat(server.cards(SIGN, order)).isEmpty();
        assertThat(server.cards(
                        SIGN, Requests.orders(SIGN, Requests.draft("m", Requests.RXNORM, "1364430", "apixaban"))))
                .hasSize(1);
    }

    @Test
    void says_what_an_order_was_recognized_by_and_escapes_its_text() {
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        ObjectNode order = Requests.draft("m", "urn:local", "x", "warfarin [click](http://evil.example) <script>");
        String detail = server.cards(SIGN, Requests.orders(SIGN, order))
                .get(0)
                .path("detail")
                .asText();
        assertThat(detail)
                .contains("by its text alone", "\\[click\\]\\(http\\:")
                .doesNotContain(" <script", "](http");
    }

    @Test
    void tells_of_reversal_only_what_the_site_says_here_and_today() {
        ReversalText here = reversal("US", "2026-06-01", "Our protocol A");
        ReversalText elsewhere = reversal("EU", "2026-06-01", "Protocol of another country");
        ReversalText expired = reversal("US", "2026-02-28", "Old protocol");
        CdsHooksConfig.Clinical d = CdsHooksConfig.Clinical.defaults();
        restart(HooksServer.config()
                .withClinical(new CdsHooksConfig.Clinical(
                        d.criticalFor(),
                        d.warningFor(),
                        d.infoFor(),
                        d.silentAfterFeedback(),
                        "US",
                        List.of(expired, elsewhere, here),
                        null)));
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        ObjectNode body = Requests.call(VIEW);
        ((ObjectNode) body.get("prefetch"))
                .set("medications", Requests.bundle(Requests.warfarin("m").put("status", "active")));
        assertThat(detailOf(body))
                .contains("Our protocol A", "Guideline", "vitamin K antagonist")
                .doesNotContain("Old", "another");
        server.clock.advance(Duration.ofDays(1));
        ((ObjectNode) body.get("prefetch"))
                .set(
                        "medications",
                        Requests.bundle(Requests.draft("m", Requests.RXNORM, "1364430", "")
                                .put("status", "active")));
        assertThat(detailOf(body)).contains("Reversal per local protocol");
    }

    @Test
    void keeps_cards_to_itself_in_silent_mode_and_by_the_kill_switch(@TempDir Path folder) throws Exception {
        CdsHooksConfig.Operation silent = CdsHooksConfig.Operation.defaults().withMode(CdsHooksConfig.Mode.SILENT);
        restart(HooksServer.config().withOperation(silent));
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        assertThat(server.cards(VIEW, Requests.call(VIEW))).isEmpty();
        assertThat(server.store.cards())
                .singleElement()
                .satisfies(c -> assertThat(c.shown()).isFalse());
        assertThat(server.audit.events(AuditEvent.CardsShown.class).getFirst().cards())
                .isEmpty();

        Path file = folder.resolve("stop");
        restart(HooksServer.config()
                .withOperation(new CdsHooksConfig.Operation(CdsHooksConfig.Mode.ON, file, Duration.ofMillis(400), 64)));
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        assertThat(server.cards(VIEW, Requests.call(VIEW))).hasSize(1);
        Files.createFile(file);
        server.clock.advance(Duration.ofSeconds(2));
        assertThat(server.cards(VIEW, Requests.call(VIEW))).isEmpty();
        Files.delete(file);
        server.clock.advance(Duration.ofSeconds(2));
        assertThat(server.cards(VIEW, Requests.call(VIEW))).hasSize(1);
    }

    @Test
    void audits_each_call_also_one_without_cards() {
        server.cards(VIEW, Requests.call(VIEW));
        server.given(Requests.MRN, Findings.positive("job-1", hoursAgo(1)));
        server.cards(VIEW, Requests.call(VIEW));
        List<AuditEvent.CardsShown> events = server.audit.events(AuditEvent.CardsShown.class);
        assertThat(events).extracting(e -> e.cards().size()).containsExactly(0, 1);
        assertThat(events.getLast().about().user()).isEqualTo(Requests.USER);
        assertThat(events.getLast().about().jobId()).isEqualTo("job-1");
    }

    private String detailOf(ObjectNode body) {
        return server.cards(VIEW, body).get(0).path("detail").asText();
    }

    private void restart(CdsHooksConfig config) {
        server.close();
        server = new HooksServer(config);
    }

    private static ReversalText reversal(String jurisdiction, String expires, String text) {
        return new ReversalText(
                DrugClass.VITAMIN_K_ANTAGONIST,
                text,
                "Guideline",
                LocalDate.parse("2026-01-01"),
                LocalDate.parse(expires),
                jurisdiction);
    }

    private static java.time.Instant hoursAgo(long hours) {
        return HooksServer.NOW.minus(Duration.ofHours(hours));
    }

    static String feedback(String card, String members) {
        return "{\"feedback\":[{\"card\":\"" + card + "\",\"outcomeTimestamp\":\"2026-03-01T12:00:10Z\"," + members
                + "}]}";
    }

    static void assertOutcome(HttpResponse<String> response) {
        JsonNode body = HooksServer.json(response);
        assertThat(body.path("resourceType").asText()).isEqualTo("OperationOutcome");
        assertThat(body.path("issue").get(0).path("diagnostics").asText()).isNotBlank();
    }

    private static void assertNothingEmpty(JsonNode node, String at) {
        assertThat(node.isNull()).as(at).isFalse();
        assertThat(node.isTextual() && node.asText().isEmpty()).as(at).isFalse();
        if (node.isContainerNode()) {
            assertThat(node.isEmpty()).as(at).isFalse();
            node.properties().forEach(e -> assertNothingEmpty(e.getValue(), at + "." + e.getKey()));
            if (node.isArray()) {
                node.forEach(child -> assertNothingEmpty(child, at + "[]"));
            }
        }
    }
}
