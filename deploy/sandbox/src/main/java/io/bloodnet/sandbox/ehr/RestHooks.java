package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * R4 rest-hook Subscriptions as servers do them (FHIR R4 2.46): activated when asked for, then each change that fits the criteria is sent by
 * {@code PUT {endpoint}/{type}/{id}}, once. What cannot be delivered is lost, as it is elsewhere after some tries. Called under
 * {@link SandboxEhr}'s lock; sending goes on in the client's own threads.
 */
final class RestHooks {

    private final ResourceStore store;
    private final HttpClient client;
    private final Duration limit;

    RestHooks(ResourceStore store, HttpClient client, Duration limit) {
        this.store = store;
        this.client = client;
        this.limit = limit;
    }

    /** Does what these changes ask for. */
    void changed(List<ResourceKey> keys) {
        for (ResourceKey key : keys) {
            ObjectNode resource = store.get(key);
            if (resource == null) {
                continue;
            }
            if (key.type().equals("Subscription")) {
                activate(key, resource);
            } else {
                subscriptions().stream()
                        .filter(s -> fits(s, key, resource))
                        .forEach(s -> send(s.path("channel"), key, resource));
            }
        }
    }

    private void activate(ResourceKey key, ObjectNode subscription) {
        if (subscription.path("status").asText().equals("requested")) {
            store.put(key, subscription.deepCopy().put("status", "active"));
        }
    }

    private List<ObjectNode> subscriptions() {
        return store.all().stream()
                .filter(r -> r.path("resourceType").asText().equals("Subscription"))
                .filter(s -> s.path("status").asText().equals("active"))
                .filter(s -> s.path("channel").path("type").asText().equals("rest-hook"))
                .toList();
    }

    private static boolean fits(ObjectNode subscription, ResourceKey key, ObjectNode resource) {
        String[] criteria = subscription.path("criteria").asText().split("\\?", 2);
        return criteria[0].equals(key.type())
                && SearchFilter.matches(resource, Query.parse(criteria.length < 2 ? "" : criteria[1]));
    }

    private void send(JsonNode channel, ResourceKey key, ObjectNode resource) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(channel.path("endpoint").asText() + "/" + key.reference()))
                .timeout(limit)
                .header("Content-Type", channel.path("payload").asText("application/fhir+json"))
                .PUT(HttpRequest.BodyPublishers.ofString(resource.toString(), StandardCharsets.UTF_8));
        for (JsonNode header : channel.path("header")) {
            String[] pair = header.asText().split(":", 2);
            request.header(pair[0].strip(), pair[1].strip());
        }
        var unused = client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    }
}
