package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.Card;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.request.HookRequest;
import io.bloodnet.server.cdshooks.request.HookService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Makes up calls and cards about nobody before the first real call comes, so that the first clinician does not wait for classes to be
 * loaded: a cold call can take longer than it may. Nothing is audited or counted.
 */
final class WarmUp {

    /** Loads the classes and passes the first compiler; more would only delay the start. */
    private static final int ROUNDS = 30;

    private static final String CALL = """
            {"hook":"%s","hookInstance":"00000000-0000-4000-8000-000000000000",
             "context":{"userId":"Practitioner/nobody","patientId":"nobody","encounterId":"none","selections":["MedicationRequest/m"],
               "draftOrders":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"MedicationRequest","id":"m","status":"draft",
                 "medicationCodeableConcept":{"text":"warfarin"}}}]}},
             "prefetch":{"patient":{"resourceType":"Patient","id":"nobody","identifier":[{"system":"urn:none","value":"none"}]}}}""";

    private WarmUp() {}

    /** Makes all kinds of cards; the caller writes them as JSON. */
    static List<Card> cards(FlagCards flags, OrderCards orders, Instant now) {
        PatientFinding positive = new PatientFinding(
                "none",
                new PatientFinding.Positive(0.9, 0.5, 10),
                "model",
                "0",
                now.minus(Duration.ofHours(1)),
                now,
                null,
                true);
        List<Card> cards = List.of();
        for (int round = 0; round < ROUNDS; round++) {
            for (HookService service : HookService.values()) {
                byte[] body = CALL.formatted(service.hook()).getBytes(StandardCharsets.UTF_8);
                HookRequest request = HookRequest.parse(service, body);
                cards = service.flagsFindings()
                        ? flags.cards(request, List.of(positive), List.of(), now)
                        : orders.cards(service, request, List.of(positive), List.of(), now);
            }
        }
        return cards;
    }
}
