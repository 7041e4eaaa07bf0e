package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.server.cdshooks.card.Card;
import io.bloodnet.server.cdshooks.card.CardText;
import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.card.Markdown;
import io.bloodnet.server.cdshooks.card.OverrideReason;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.card.ReversalText;
import io.bloodnet.server.cdshooks.drug.DrugClass;
import io.bloodnet.server.cdshooks.drug.MedicationOrders;
import io.bloodnet.server.cdshooks.memory.Acknowledgement;
import io.bloodnet.server.cdshooks.request.HookRequest;
import io.bloodnet.server.store.TimeUuid;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The cards of patient-view and encounter-start: one for each study that somebody should look at. */
final class FlagCards {

    /** Most cards in one answer. */
    static final int CARDS_MAX = 3;

    private final CdsHooksConfig config;
    private final FlagTier tier;
    private final MedicationOrders medications;

    FlagCards(CdsHooksConfig config, FlagWatch watch, MedicationOrders medications) {
        this.config = config;
        this.tier = new FlagTier(config.clinical(), watch);
        this.medications = medications;
    }

    List<Card> cards(
            HookRequest request, List<PatientFinding> findings, List<Acknowledgement> acknowledged, Instant now) {
        FlagTier.Viewer viewer = new FlagTier.Viewer(request, acknowledged, now);
        List<Card> cards = new ArrayList<>();
        for (PatientFinding finding : findings) {
            if (cards.size() < CARDS_MAX) {
                tier.of(finding, viewer).ifPresent(indicator -> cards.add(card(finding, indicator, request, now)));
            }
        }
        return cards;
    }

    private Card card(PatientFinding finding, Indicator indicator, HookRequest request, Instant now) {
        boolean positive = finding.result() instanceof PatientFinding.Positive;
        String detail = CardText.flagDetail(finding) + (positive ? reversal(request.medications(), now) : "");
        return new Card(
                TimeUuid.at(now),
                new CardTopic(CardTopic.Kind.FLAG, finding.jobId(), null),
                indicator,
                CardText.flagSummary(finding),
                detail,
                positive ? notifyTeam(request) : null,
                OverrideReason.forFlag(),
                links(config.links(), finding));
    }

    private static Card.@Nullable Suggestion notifyTeam(HookRequest request) {
        String encounter = request.encounterId();
        return new Card.Suggestion(
                UUID.randomUUID(),
                "Notify neurosurgery or stroke team per protocol",
                new Card.CreateTask(
                        "Draft a task: suspected intracranial hemorrhage (AI, not reviewed) - notify per protocol",
                        "Patient/" + request.patientId(),
                        encounter == null ? null : "Encounter/" + encounter));
    }

    static List<Card.Link> links(CdsHooksConfig.Links links, PatientFinding finding) {
        List<Card.Link> all = new ArrayList<>();
        all.add(new Card.AbsoluteLink("Study in BloodNet", links.study().replace("{jobId}", finding.jobId())));
        if (links.smartLaunch() != null) {
            all.add(new Card.SmartLink(
                    "Mask in the viewer", links.smartLaunch().toString(), "{\"jobId\":\"" + finding.jobId() + "\"}"));
        }
        all.add(new Card.AbsoluteLink("Model card", links.modelCard()));
        return all;
    }

    /** What the site says about reversal for the active antithrombotic drugs that the EHR sent along. */
    private String reversal(JsonNode active, Instant now) {
        Set<DrugClass> classes = new LinkedHashSet<>();
        StringBuilder text = new StringBuilder();
        for (MedicationOrders.Antithrombotic order : medications.in(active)) {
            if (classes.add(order.drug().drugClass())) {
                text.append("\n\n**Active ")
                        .append(order.drug().drugClass().display())
                        .append("**: ");
                text.append(Markdown.text(order.drug().ingredient(), 80)).append(" (recognized ");
                text.append(order.drug().basis().sentence())
                        .append("). ")
                        .append(siteText(order.drug().drugClass(), now));
            }
        }
        return text.toString();
    }

    private String siteText(DrugClass drugClass, Instant now) {
        String here = config.clinical().jurisdiction();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        return config.clinical().reversalTexts().stream()
                .filter(t -> here != null && t.drugClass() == drugClass && t.holds(here, today))
                .findFirst()
                .map(t -> Markdown.text(t.text(), ReversalText.TEXT_CHARS_MAX) + " (site information, source: "
                        + Markdown.text(t.source(), ReversalText.TEXT_CHARS_MAX) + ", " + t.dated() + ")")
                .orElse("Reversal per local protocol.");
    }
}
