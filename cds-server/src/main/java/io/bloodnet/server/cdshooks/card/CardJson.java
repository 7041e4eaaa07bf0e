package io.bloodnet.server.cdshooks.card;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Cards as JSON. No member is ever null or empty, but for {@code cards} itself (CDS Hooks 2.0.1, "JSON"). */
public final class CardJson {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final String sourceUrl;

    public CardJson(String sourceUrl) {
        this.sourceUrl = sourceUrl;
    }

    /** The body of an answer. */
    public ObjectNode answer(List<Card> cards) {
        ObjectNode answer = JSON.objectNode();
        ArrayNode array = answer.putArray("cards");
        cards.forEach(card -> array.add(card(card)));
        return answer;
    }

    private ObjectNode card(Card card) {
        ObjectNode node = JSON.objectNode();
        node.put("uuid", card.uuid().toString());
        node.put("summary", card.summary());
        node.put("detail", card.detail());
        node.put("indicator", card.indicator().code());
        node.putObject("source").put("label", "BloodNet CDS (AI)").put("url", sourceUrl);
        if (card.suggestion() != null) {
            node.putArray("suggestions").add(suggestion(card.suggestion()));
            node.put("selectionBehavior", "at-most-one");
        }
        ArrayNode reasons = node.putArray("overrideReasons");
        card.overrideReasons()
                .forEach(reason -> reasons.addObject()
                        .put("system", OverrideReason.SYSTEM)
                        .put("code", reason.code())
                        .put("display", reason.display()));
        if (!card.links().isEmpty()) {
            ArrayNode links = node.putArray("links");
            card.links().forEach(link -> links.add(link(link)));
        }
        return node;
    }

    private static ObjectNode suggestion(Card.Suggestion suggestion) {
        ObjectNode node = JSON.objectNode();
        node.put("label", suggestion.label()).put("uuid", suggestion.uuid().toString());
        ObjectNode action = node.putArray("actions").addObject();
        switch (suggestion.action()) {
            case Card.CreateTask create -> {
                action.put("type", "create").put("description", create.description());
                action.set("resource", task(create));
            }
            case Card.DeleteDraft delete ->
                action.put("type", "delete")
                        .put("description", delete.description())
                        .put("resourceId", delete.reference());
        }
        return node;
    }

    private static ObjectNode task(Card.CreateTask create) {
        ObjectNode task = JSON.objectNode();
        task.put("resourceType", "Task")
                .put("status", "draft")
                .put("intent", "proposal")
                .put("priority", "stat");
        task.put("description", create.description());
        task.putObject("for").put("reference", create.patientReference());
        if (create.encounterReference() != null) {
            task.putObject("encounter").put("reference", create.encounterReference());
        }
        return task;
    }

    private static ObjectNode link(Card.Link link) {
        ObjectNode node = JSON.objectNode().put("label", link.label()).put("url", link.url());
        return switch (link) {
            case Card.AbsoluteLink _ -> node.put("type", "absolute");
            case Card.SmartLink smart -> node.put("type", "smart").put("appContext", smart.appContext());
        };
    }
}
