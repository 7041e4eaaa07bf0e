package io.bloodnet.server.cdshooks;

import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.server.cdshooks.card.Card;
import io.bloodnet.server.cdshooks.card.CardText;
import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.card.Markdown;
import io.bloodnet.server.cdshooks.card.OverrideReason;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.drug.DrugMatch;
import io.bloodnet.server.cdshooks.drug.MedicationOrders;
import io.bloodnet.server.cdshooks.memory.Acknowledgement;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.cdshooks.request.HookRequest;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.store.TimeUuid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The cards of order-select and order-sign: one for each antithrombotic draft while a hemorrhage is suspected or confirmed. */
final class OrderCards {

    /** Most cards in one answer. */
    static final int CARDS_MAX = 10;

    private static final int TEXT_CHARS_MAX = 100;

    private final CdsHooksConfig config;
    private final MedicationOrders medications;

    OrderCards(CdsHooksConfig config, MedicationOrders medications) {
        this.config = config;
        this.medications = medications;
    }

    List<Card> cards(
            HookService service,
            HookRequest request,
            List<PatientFinding> findings,
            List<Acknowledgement> acknowledged,
            Instant now) {
        Optional<PatientFinding> finding =
                findings.stream().filter(f -> isDangerous(f, now)).findFirst();
        if (finding.isEmpty()) {
            return List.of();
        }
        List<Card> cards = new ArrayList<>();
        for (MedicationOrders.Antithrombotic order : medications.in(request.draftOrders())) {
            CardTopic topic = topic(service, finding.get(), order);
            boolean selected = service == HookService.ORDER_SIGN || isSelected(order, request);
            if (selected && cards.size() < CARDS_MAX && !isOverridden(topic, request, acknowledged, now)) {
                cards.add(card(service, topic, finding.get(), order, now));
            }
        }
        return cards;
    }

    /** Suspected and not read by a person (or read without a word on it), or confirmed by one; not denied; recent. */
    private boolean isDangerous(PatientFinding finding, Instant now) {
        boolean suspected = finding.result() instanceof PatientFinding.Positive && !finding.humanDenies();
        boolean recent = Duration.between(finding.openSince(), now)
                        .compareTo(config.clinical().warningFor())
                <= 0;
        return finding.production() && recent && (suspected || finding.humanConfirms());
    }

    private static boolean isSelected(MedicationOrders.Antithrombotic order, HookRequest request) {
        return request.selections().contains("MedicationRequest/" + order.id())
                || request.selections().contains(order.id());
    }

    /** The same person overrode the same drug a short time ago: a second card would stand in the way of signing. */
    private boolean isOverridden(
            CardTopic topic, HookRequest request, List<Acknowledgement> acknowledged, Instant now) {
        Instant since = now.minus(config.clinical().silentAfterFeedback());
        return acknowledged.stream()
                .anyMatch(a -> a.outcome() == Feedback.Outcome.OVERRIDDEN
                        && a.topic().equals(topic)
                        && a.userId().equals(request.userId())
                        && a.at().isAfter(since));
    }

    private static CardTopic topic(HookService service, PatientFinding finding, MedicationOrders.Antithrombotic order) {
        CardTopic.Kind kind =
                service == HookService.ORDER_SIGN ? CardTopic.Kind.ORDER_SIGN : CardTopic.Kind.ORDER_SELECT;
        return new CardTopic(kind, finding.jobId(), order.drug().ingredient());
    }

    private Card card(
            HookService service,
            CardTopic topic,
            PatientFinding finding,
            MedicationOrders.Antithrombotic order,
            Instant now) {
        return new Card(
                TimeUuid.at(now),
                topic,
                service == HookService.ORDER_SIGN ? Indicator.CRITICAL : Indicator.WARNING,
                summary(order.drug(), finding),
                detail(order, finding),
                delete(order),
                OverrideReason.forOrder(),
                FlagCards.links(config.links(), finding));
    }

    private static String summary(DrugMatch drug, PatientFinding finding) {
        String drugName = drug.ingredient();
        return finding.humanConfirms()
                ? "Order of " + drugName + ": intracranial hemorrhage is confirmed on a recent head CT"
                : "Order of " + drugName
                        + ": AI suspects intracranial hemorrhage on head CT - NOT reviewed by radiology";
    }

    private static String detail(MedicationOrders.Antithrombotic order, PatientFinding finding) {
        DrugMatch drug = order.drug();
        StringBuilder text = new StringBuilder("The draft order is for **")
                .append(Markdown.text(drug.ingredient(), TEXT_CHARS_MAX))
                .append("** (")
                .append(drug.drugClass().display())
                .append("), recognized ")
                .append(drug.basis().sentence())
                .append('.');
        if (!order.text().isEmpty()) {
            text.append(" Ordered as: ")
                    .append(Markdown.text(order.text(), TEXT_CHARS_MAX))
                    .append('.');
        }
        text.append("\n\n").append(situation(finding));
        text.append(
                        "\n\nIf there is a hemorrhage this drug can enlarge it. Proceed, delete the draft, or clear the CT first, per")
                .append(" local protocol. Overriding needs a reason. ")
                .append(CardText.NO_CARD_NO_EXCLUSION);
        return text.toString();
    }

    private static String situation(PatientFinding finding) {
        String when = "Head CT " + CardText.time(finding) + ": ";
        if (finding.humanConfirms()) {
            return when + "the final radiology report confirms intracranial hemorrhage.";
        }
        String read = finding.humanRead() == null
                ? "not reviewed by radiology"
                : "a final radiology report exists, the AI result itself was not reviewed";
        return switch (finding.result()) {
            case PatientFinding.Positive p ->
                when + "AI result, preliminary, " + read + ": " + numbers(CardText.numbers(p)) + ". Model: "
                        + CardText.model(finding) + ".";
            case PatientFinding.Negative _, PatientFinding.NotAnalyzed _ ->
                throw new IllegalArgumentException("neither suspected nor confirmed");
        };
    }

    private static String numbers(FindingNumbers numbers) {
        String volume = numbers.volumeMl() == null
                ? "blood volume " + numbers.volumeText()
                : "about " + numbers.volumeText() + " of blood";
        return "probability " + numbers.probability().toPlainString() + " (threshold "
                + numbers.threshold().toPlainString() + "), " + volume;
    }

    private static Card.@Nullable Suggestion delete(MedicationOrders.Antithrombotic order) {
        if (order.id().isEmpty()) {
            return null; // without an id there is nothing that a client could delete
        }
        String label = "Delete the draft order of " + order.drug().ingredient();
        return new Card.Suggestion(
                UUID.randomUUID(), label, new Card.DeleteDraft(label, "MedicationRequest/" + order.id()));
    }
}
