package io.bloodnet.server.cdshooks.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.security.SettableClock;
import io.bloodnet.server.security.TokenUse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do. */
abstract class CardStoreContract {

    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    final SettableClock clock = new SettableClock(NOW);
    final RecordingAuditLog audit = new RecordingAuditLog();
    CardStore store;

    /** A store over the same data as the ones made before in this test: another server, or the same after a restart. */
    abstract CardStore open();

    @BeforeEach
    void open_the_store() {
        store = open();
    }

    @Test
    void remembers_a_card_and_its_audit_event() {
        ShownCard card = card("job-1", "Practitioner/1");
        assertThat(store.write(call(null, card))).isEqualTo(new CardStore.Written.Stored(List.of()));
        assertThat(store.card(card.uuid())).contains(card);
        assertThat(store.card(UUID.randomUUID().toString())).isEmpty();
        assertThat(audit.events()).hasSize(1);
    }

    @Test
    void takes_a_token_once_also_after_a_restart_and_on_another_server() {
        TokenUse use = use("jti-1");
        assertThat(store.write(call(use))).isInstanceOf(CardStore.Written.Stored.class);
        assertThat(store.write(call(use))).isInstanceOf(CardStore.Written.Replayed.class);
        assertThat(open().write(call(use))).isInstanceOf(CardStore.Written.Replayed.class);
        assertThat(store.write(call(new TokenUse("https://other.example", "jti-1", use.forgetAfter()))))
                .isInstanceOf(CardStore.Written.Stored.class);
    }

    @Test
    void leaves_nothing_behind_of_a_replayed_call() {
        store.write(call(use("jti-2")));
        ShownCard card = card("job-1", "Practitioner/1");
        int events = audit.events().size();
        assertThat(store.write(call(use("jti-2"), card))).isInstanceOf(CardStore.Written.Replayed.class);
        assertThat(store.card(card.uuid())).isEmpty();
        assertThat(audit.events()).hasSize(events);
    }

    @Test
    void lets_one_of_many_calls_with_one_token_pass() throws Exception {
        List<CardStore> servers = List.of(store, open());
        int passed = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<CardStore.Written>> calls = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                CardStore server = servers.get(i % 2);
                calls.add(() -> server.write(call(use("jti-3"))));
            }
            for (Future<CardStore.Written> result : threads.invokeAll(calls)) {
                passed += result.get() instanceof CardStore.Written.Stored ? 1 : 0;
            }
        }
        assertThat(passed).isEqualTo(1);
    }

    @Test
    void takes_feedback_once_and_copies_what_the_card_was_about() {
        ShownCard card = card("job-1", "Practitioner/1");
        store.write(call(null, card));
        Feedback feedback = new Feedback(card.uuid(), Feedback.Outcome.OVERRIDDEN, "expert-contradicts", "known", NOW);
        assertThat(store.write(feedback(feedback))).isEqualTo(new CardStore.Written.Stored(List.of(feedback)));
        assertThat(store.write(feedback(feedback))).isEqualTo(new CardStore.Written.Stored(List.of()));
        assertThat(store.acknowledgements(List.of("job-0", "job-1")))
                .containsExactly(new Acknowledgement(
                        card.topic(), "Practitioner/1", "enc-1", Feedback.Outcome.OVERRIDDEN, clock.instant()));
        assertThat(store.acknowledgements(List.of("job-2"))).isEmpty();
        assertThat(store.acknowledgements(List.of())).isEmpty();
    }

    @Test
    void ignores_feedback_on_a_card_that_was_never_shown() {
        Feedback feedback = new Feedback(UUID.randomUUID().toString(), Feedback.Outcome.ACCEPTED, null, null, NOW);
        assertThat(store.write(feedback(feedback))).isEqualTo(new CardStore.Written.Stored(List.of()));
    }

    @Test
    void writes_nothing_when_the_audit_log_cannot_be_written() {
        ShownCard card = card("job-1", "Practitioner/1");
        TokenUse use = use("jti-4");
        audit.setUnavailable(true);
        assertThatThrownBy(() -> store.write(call(use, card)))
                .isInstanceOfSatisfying(
                        CardStoreException.class, e -> assertThat(e.fault()).isEqualTo(CardStoreException.Fault.AUDIT));
        audit.setUnavailable(false);
        assertThat(store.card(card.uuid())).isEmpty();
        assertThat(store.write(call(use, card))).isInstanceOf(CardStore.Written.Stored.class);
    }

    static ShownCard card(String jobId, String user) {
        return new ShownCard(
                UUID.randomUUID().toString(),
                "ich-patient-view",
                UUID.randomUUID(),
                new CardTopic(CardTopic.Kind.FLAG, jobId, null),
                Indicator.CRITICAL,
                "0".repeat(64),
                user,
                "enc-1",
                true,
                NOW);
    }

    static TokenUse use(String jti) {
        return new TokenUse("https://ehr.example", jti, NOW.plus(Duration.ofMinutes(5)));
    }

    static CardStore.Call call(@Nullable TokenUse use, ShownCard... cards) {
        AuditEvent event = new AuditEvent.CardsShown(
                NOW, About.nothing(), Outcome.SUCCESS, "caller", "patient-view", "instance", List.of(), 1);
        return new CardStore.Call(use, List.of(cards), List.of(), List.of(event));
    }

    private static CardStore.Call feedback(Feedback feedback) {
        return new CardStore.Call(null, List.of(), List.of(feedback), List.of());
    }
}
