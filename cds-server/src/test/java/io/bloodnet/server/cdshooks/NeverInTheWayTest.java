package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.cdshooks.memory.CardStoreException;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.security.TokenMaker;
import io.bloodnet.server.security.TrustedClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever breaks behind us, the EHR gets an answer, and never a card that was not recorded. */
class NeverInTheWayTest {

    private static final HookService VIEW = HookService.PATIENT_VIEW;
    private static final String NO_CARDS = "{\"cards\":[]}";
    private static final CdsHooksConfig.Operation FOUR_AT_ONCE =
            new CdsHooksConfig.Operation(CdsHooksConfig.Mode.ON, null, Duration.ofMillis(150), 4);

    private final CountDownLatch stalled = new CountDownLatch(1);
    private HooksServer server;

    @BeforeEach
    void start() {
        server = new HooksServer(HooksServer.config().withOperation(FOUR_AT_ONCE), Duration.ofSeconds(10));
        server.given(Requests.MRN, Findings.positive("job-1", HooksServer.NOW));
    }

    @AfterEach
    void stop() {
        stalled.countDown();
        server.close();
    }

    @Test
    void answers_no_cards_while_the_database_is_stalled_and_cards_again_afterwards() throws Exception {
        server.close();
        server = new HooksServer(HooksServer.config().withOperation(FOUR_AT_ONCE), FOUR_AT_ONCE.answerWithin());
        server.given(Requests.MRN, Findings.positive("job-1", HooksServer.NOW));
        server.store.beforeWrite(this::waitUntilReleased);
        try (ExecutorService ehr = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<HttpResponse<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 40; i++) { // ten times what is done at once
                calls.add(() -> server.call(VIEW, Requests.call(VIEW), null));
            }
            for (Future<HttpResponse<String>> call : ehr.invokeAll(calls)) {
                assertThat(call.get().statusCode()).isEqualTo(200);
                assertThat(call.get().body()).isEqualTo(NO_CARDS);
            }
        }
        assertThat(ended("late") + ended("overloaded")).isEqualTo(40);
        assertThat(ended("overloaded")).isPositive();
        assertThat(server.store.cards()).isEmpty();

        server.store.beforeWrite(() -> {});
        stalled.countDown();
        awaitCards();
    }

    @Test
    void shows_no_card_that_cannot_be_audited() {
        server.audit.setUnavailable(true);
        assertThat(server.call(VIEW, Requests.call(VIEW), null).body()).isEqualTo(NO_CARDS);
        assertThat(ended("audit_unavailable")).isEqualTo(1);
        server.audit.setUnavailable(false);
        assertThat(server.cards(VIEW, Requests.call(VIEW))).hasSize(1);
    }

    @Test
    void shows_no_card_that_cannot_be_remembered_and_asks_for_feedback_again() {
        server.store.beforeWrite(() -> {
            throw new CardStoreException(CardStoreException.Fault.DATABASE, "away");
        });
        assertThat(server.call(VIEW, Requests.call(VIEW), null).body()).isEqualTo(NO_CARDS);
        assertThat(ended("database_unavailable")).isEqualTo(1);
        HttpResponse<String> feedback = server.post(
                "/ich-patient-view/feedback", CdsHooksServiceTest.feedback("c", "\"outcome\":\"overridden\""));
        assertThat(feedback.statusCode()).isEqualTo(503);
        assertThat(feedback.headers().firstValue("Retry-After")).contains("1");
        CdsHooksServiceTest.assertOutcome(feedback);
    }

    @Test
    void a_token_that_is_refused_stays_refused_when_its_audit_event_is_late(@TempDir Path folder) {
        server.close();
        TokenMaker key = TokenMaker.es384("k1");
        Path keys = folder.resolve("jwks.json");
        TokenMaker.writeKeySet(keys, key);
        CdsHooksConfig config = HooksServer.config()
                .withClients(List.of(TrustedClient.withKeyFile("https://ehr.hospital.example", keys)))
                .withOperation(FOUR_AT_ONCE);
        server = new HooksServer(config, FOUR_AT_ONCE.answerWithin());
        server.beforeAudit = this::waitUntilReleased;

        assertThat(server.call(VIEW, Requests.call(VIEW), null).statusCode()).isEqualTo(401);
        assertThat(server.get("").statusCode()).as("discovery").isEqualTo(401);
        assertThat(server.post("/ich-patient-view/feedback", "{}").statusCode()).isEqualTo(401);
    }

    @Test
    void survives_a_bug_of_ours() {
        server.store.beforeWrite(() -> {
            throw new IllegalStateException("MARKER " + Requests.MRN);
        });
        assertThat(server.call(VIEW, Requests.call(VIEW), null).body()).isEqualTo(NO_CARDS);
        assertThat(ended("failed")).isEqualTo(1);
    }

    private void waitUntilReleased() {
        try {
            stalled.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CardStoreException(CardStoreException.Fault.TIMEOUT, "interrupted", e);
        }
    }

    /** The places of the calls that were given up come free when their threads end. */
    private void awaitCards() {
        for (int i = 0; i < 100; i++) {
            if (!server.call(VIEW, Requests.call(VIEW), null).body().equals(NO_CARDS)) {
                return;
            }
        }
        throw new AssertionError("no cards after the database came back: " + server.metrics.samples());
    }

    private long ended(String how) {
        return server.metrics.value("bloodnet_cds_calls_total", "service", VIEW.id(), "ended", how);
    }
}
