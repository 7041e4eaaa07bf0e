package io.bloodnet.server.fhir;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.eventin.CatchUp;
import io.bloodnet.fhir.eventin.EhrPoller;
import io.bloodnet.fhir.eventin.FhirEventReceiver;
import io.bloodnet.fhir.eventin.SubscriptionKeeper;
import io.bloodnet.fhir.eventin.SubscriptionWatch;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Memo;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What comes in from the EHR, put together: events, polling, and our Subscriptions there. Safe for all threads. */
public final class FhirEdge {

    private static final String POLLED_TO = "ehr.polled-to";

    private final Memo memo;
    private final InstantSource clock;
    private final EhrPoller poller;
    private final FhirEventReceiver receiver;
    private final SubscriptionKeeper keeper;

    /** Runs something soon, in a thread of its own; returns at once. */
    @FunctionalInterface
    public interface Soon {
        /** @param name for logs */
        void run(String name, Runnable what);
    }

    /** All ports first, then the clock. @param soon runs a poll when events may have been missed */
    public FhirEdge(
            FhirConfig config,
            EhrClient ehr,
            OrderInbox inbox,
            Database database,
            AuditLog audit,
            Soon soon,
            InstantSource clock) {
        this.memo = new Memo(database);
        this.clock = clock;
        this.poller = new EhrPoller(config, ehr, inbox, new OrderedPatients(database, clock), clock);
        SubscriptionWatch watch = new SubscriptionWatch();
        CatchUp catchUp = new CatchUp() {
            @Override
            public void soon() {
                soon.run("poll of the EHR", FhirEdge.this::poll);
            }

            @Override
            public void soon(Missed missed) {
                soon.run("missed events", () -> fetchOrPoll(missed));
            }
        };
        this.receiver = new FhirEventReceiver(config, ehr, inbox, catchUp, watch, audit, clock);
        this.keeper = new SubscriptionKeeper(config, ehr, catchUp, watch, audit, clock);
    }

    private void fetchOrPoll(CatchUp.Missed missed) {
        if (!receiver.fetch(missed)) {
            poll();
        }
    }

    /** The events' handler for the web server. */
    public FhirRoutes.Handler events() {
        return new FhirRoutes.Handler() {
            @Override
            public FhirAnswer answer(
                    String method, String path, String query, Map<String, String> headers, byte[] body) {
                return event(method, path, query, headers, body);
            }

            @Override
            public @Nullable FhirAnswer refusal(Map<String, String> headers) {
                return receiver.refusal(headers).orElse(null);
            }
        };
    }

    /** Answers requests below {@code /fhir/events}. */
    public FhirAnswer event(String method, String path, String query, Map<String, String> headers, byte[] body) {
        String type = headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("Content-Type"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
        return receiver.receive(method, path, type, headers, body);
    }

    /** Asks the EHR once for what changed. The watermark moves only when all of it was taken. */
    public void poll() {
        Instant watermark = memo.get(POLLED_TO).map(Instant::parse).orElse(clock.instant());
        memo.put(POLLED_TO, poller.pollOnce(watermark).toString());
    }

    /** Looks once after our Subscriptions, and repairs them. */
    public void keepSubscriptions() {
        keeper.keepOnce();
    }

    /** Whether the EHR called all of our Subscriptions active at the last look. */
    public boolean subscriptionsWork() {
        SubscriptionKeeper.Standing standing = keeper.standing();
        return standing.active() == standing.wanted();
    }

    /** How our Subscriptions stood at the last look, as metrics. */
    public List<Metrics.Sample> samples() {
        SubscriptionKeeper.Standing standing = keeper.standing();
        return List.of(
                new Metrics.Sample("bloodnet_ehr_subscriptions", Map.of("state", "wanted"), standing.wanted()),
                new Metrics.Sample("bloodnet_ehr_subscriptions", Map.of("state", "active"), standing.active()),
                new Metrics.Sample("bloodnet_ehr_subscription_repairs_total", Map.of(), standing.repaired()));
    }
}
