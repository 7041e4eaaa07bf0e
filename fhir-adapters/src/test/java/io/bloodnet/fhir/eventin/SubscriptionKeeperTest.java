package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.SettableClock;
import io.bloodnet.fhir.Validation;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.hl7.fhir.r4.model.Subscription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Subscriptions that we keep at the EHR, and what we do when one falls silent. */
class SubscriptionKeeperTest {

    private static final URI CALLBACK = URI.create("https://bloodnet.example/fhir/events");
    private static final String TOPIC = "https://ehr.example/topics/imaging";

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T10:00:00Z"));
    private final MiniFhir fhir = new MiniFhir();
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final AtomicInteger catchUps = new AtomicInteger();
    private final SubscriptionWatch watch = new SubscriptionWatch();
    private final EhrClient ehr = new EhrClient(FhirConfig.of(fhir.base()), audit, clock);

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        fhir.close();
    }

    @Test
    void our_subscriptions_are_created_once_and_repaired_when_switched_off_or_deleted() {
        SubscriptionKeeper keeper = keeper(subscribing(null));
        assertThat(keeper.keepOnce()).isEqualTo(2);
        assertThat(keeper.keepOnce()).isZero();
        assertThat(fhir.all("Subscription")).hasSize(2).allSatisfy(s -> {
            assertThat(s.at("/channel/endpoint").asText()).isEqualTo(CALLBACK.toString());
            assertThat(s.at("/channel/header/0").asText()).isEqualTo("X-Secret: s");
            assertThat(Validation.errors(read(s))).isEmpty();
        });
        assertThat(keeper.standing()).isEqualTo(new SubscriptionKeeper.Standing(2, 0, 2));
        fhir.all("Subscription").forEach(s -> s.put("status", "active"));
        keeper.keepOnce();
        assertThat(keeper.standing()).isEqualTo(new SubscriptionKeeper.Standing(2, 2, 2));

        fhir.all("Subscription").getFirst().put("status", "error");
        assertThat(keeper.keepOnce()).isEqualTo(1);
        assertThat(fhir.all("Subscription").getFirst().get("status").asText()).isEqualTo("requested");

        fhir.store.keySet().removeIf(key -> key.startsWith("Subscription/"));
        assertThat(keeper.keepOnce()).isEqualTo(2);
        assertThat(fhir.all("Subscription")).hasSize(2);
        assertThat(catchUps).as("each repair is followed by a poll").hasValue(3);
    }

    @Test
    void what_is_written_at_the_ehr_is_in_the_audit_log_before_and_after() {
        keeper(subscribing(null)).keepOnce();
        assertThat(audit.events(AuditEvent.DeliveryIntended.class)).hasSize(2);
        assertThat(audit.events(AuditEvent.DeliveryEnded.class))
                .extracting(AuditEvent.DeliveryEnded::resultCode)
                .containsOnly("HTTP 201");
        audit.setUnavailable(true);
        fhir.store.clear();
        assertThatThrownBy(keeper(subscribing(null))::keepOnce)
                .isInstanceOf(io.bloodnet.audit.AuditUnavailableException.class);
        assertThat(fhir.all("Subscription")).isEmpty();
    }

    @Test
    void without_a_callback_no_subscription_is_made() {
        SubscriptionKeeper keeper = keeper(null);
        assertThat(keeper.keepOnce()).isZero();
        assertThat(keeper.standing().wanted()).isZero();
        assertThat(fhir.requests).isEmpty();
    }

    @Test
    void while_the_ehr_is_away_the_look_fails_and_the_next_one_repairs() throws IOException {
        SubscriptionKeeper keeper = keeper(subscribing(null));
        fhir.close();
        assertThatThrownBy(keeper::keepOnce).isInstanceOf(EhrException.class);
    }

    @Test
    void a_topic_subscription_asks_for_ids_and_heartbeats() {
        keeper(subscribing(TOPIC)).keepOnce();
        ObjectNode made = fhir.all("Subscription").getFirst();
        assertThat(fhir.all("Subscription")).hasSize(1);
        assertThat(made.get("criteria").asText()).isEqualTo(TOPIC);
        assertThat(made.at("/channel/extension/0/url").asText()).endsWith("backport-heartbeat-period");
        assertThat(made.at("/channel/extension/0/valueUnsignedInt").asInt()).isEqualTo(60);
        assertThat(made.at("/channel/_payload/extension/0/valueCode").asText()).isEqualTo("id-only");
        assertThat(made.at("/meta/profile/0").asText()).endsWith("/backport-subscription");
    }

    @Test
    void a_subscription_that_is_heard_is_not_asked_and_a_silent_one_is() {
        String id = topicSubscription();
        SubscriptionKeeper keeper = keeper(subscribing(TOPIC));
        fhir.statuses.put(id, status(id, "active", 4));

        clock.advance(Duration.ofMinutes(1));
        watch.missed(notification(id, "heartbeat", 4), clock.instant());
        keeper.keepOnce();
        assertThat(asked()).isZero();

        clock.advance(Duration.ofMinutes(1));
        keeper.keepOnce();
        assertThat(asked()).isZero();
        clock.advance(Duration.ofMinutes(1));
        keeper.keepOnce();
        assertThat(asked()).isEqualTo(1);
        assertThat(catchUps).as("nothing was missed").hasValue(0);
        assertThat(fhir.requests).noneMatch(r -> r.method().equals("PUT"));
    }

    @Test
    void a_silent_subscription_that_counted_further_makes_us_look() {
        String id = topicSubscription();
        SubscriptionKeeper keeper = keeper(subscribing(TOPIC));
        watch.missed(notification(id, "heartbeat", 4), clock.instant());
        fhir.statuses.put(id, status(id, "active", 6));

        clock.advance(Duration.ofMinutes(1));
        keeper.keepOnce();
        clock.advance(Duration.ofMinutes(1));
        keeper.keepOnce();
        assertThat(catchUps).as("what was counted is known then").hasValue(1);
    }

    @Test
    void a_silent_subscription_in_error_is_asked_for_again() {
        String id = topicSubscription();
        SubscriptionKeeper keeper = keeper(subscribing(TOPIC));
        fhir.statuses.put(id, status(id, "error", 4));

        clock.advance(Duration.ofMinutes(1));
        assertThat(keeper.keepOnce()).isEqualTo(1);
        assertThat(fhir.all("Subscription")).hasSize(1);
        assertThat(fhir.store.get("Subscription/" + id).get("status").asText()).isEqualTo("requested");
        assertThat(catchUps).hasValue(1);
    }

    @Test
    void a_server_without_status_is_polled_and_its_subscription_left_alone() {
        topicSubscription();
        SubscriptionKeeper keeper = keeper(subscribing(TOPIC));
        clock.advance(Duration.ofMinutes(1));
        assertThat(keeper.keepOnce()).isZero();
        assertThat(catchUps).hasValue(1);
    }

    @Test
    void a_subscription_elsewhere_is_never_asked() throws IOException {
        try (MiniFhir canary = new MiniFhir()) {
            SubscriptionKeeper keeper = keeper(null);
            for (String reference : List.of(
                    canary.base() + "/Subscription/1",
                    "Patient/p1",
                    "Subscription/../x",
                    fhir.base() + "/Subscription/7")) {
                watch.missed(new Notification(reference, "heartbeat", "active", 1, List.of()), clock.instant());
            }
            for (int look = 1; look <= 2; look++) {
                clock.advance(Duration.ofMinutes(1));
                keeper.keepOnce();
            }
            assertThat(canary.requests).isEmpty();
            assertThat(fhir.requests).extracting(r -> r.path()).containsExactly("/fhir/Subscription/7/$status");
        }
    }

    private long asked() {
        return fhir.requests.stream().filter(r -> r.path().endsWith("$status")).count();
    }

    /** One that works, as we asked for it earlier. */
    private String topicSubscription() {
        keeper(subscribing(TOPIC)).keepOnce();
        ObjectNode made = fhir.all("Subscription").getFirst().put("status", "active");
        catchUps.set(0);
        fhir.requests.clear();
        return made.get("id").asText();
    }

    private static Notification notification(String id, String kind, long count) {
        return new Notification("Subscription/" + id, kind, "active", count, List.of());
    }

    private static String status(String id, String status, int count) {
        return """
                {"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Parameters","parameter":[
                 {"name":"subscription","valueReference":{"reference":"Subscription/%s"}},{"name":"status","valueCode":"%s"},
                 {"name":"type","valueCode":"query-status"},{"name":"events-since-subscription-start","valueString":"%d"}]}}]}""".formatted(id, status, count);
    }

    private static FhirConfig.Subscribing subscribing(@Nullable String topic) {
        return new FhirConfig.Subscribing(CALLBACK, topic, Duration.ofMinutes(1));
    }

    private SubscriptionKeeper keeper(FhirConfig.@Nullable Subscribing subscribing) {
        FhirConfig config = FhirConfig.of(fhir.base())
                .withIntake(new FhirConfig.Intake(
                        FhirConfig.Intake.DEFAULT.headCtCodes(),
                        new FhirConfig.Secret("X-Secret", "s"),
                        Duration.ofMinutes(5),
                        subscribing));
        return new SubscriptionKeeper(config, ehr, catchUps::incrementAndGet, watch, audit, clock);
    }

    private static Subscription read(ObjectNode json) {
        return FhirJson.read(json.toString().getBytes(StandardCharsets.UTF_8), Subscription.class)
                .orElseThrow();
    }
}
