package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.peer.Sha256;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hl7.fhir.r4.model.Subscription;
import org.hl7.fhir.r4.model.Subscription.SubscriptionStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps our Subscriptions at the EHR: creates what is missing, asks for what was switched off after errors, and asks topic subscriptions
 * that fell silent how they stand ({@code $status}). Creates nothing where the site gave us no callback. Whatever was missed meanwhile,
 * polling finds. Runs in the caller's thread; a second caller waits.
 */
public final class SubscriptionKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriptionKeeper.class);
    private static final Purpose PURPOSE = new Purpose(About.nothing(), "our subscription");

    /**
     * How our Subscriptions stood at the last look.
     *
     * @param wanted how many there should be
     * @param active how many the EHR said were active
     * @param repaired how many were created or asked for again since the start
     */
    public record Standing(int wanted, int active, long repaired) {}

    private final FhirConfig.@Nullable Subscribing subscribing;
    private final WantedSubscriptions wanted;
    private final EhrClient ehr;
    private final CatchUp catchUp;
    private final SubscriptionWatch watch;
    private final AuditLog audit;
    private final InstantSource clock;
    private volatile Standing standing;
    private Instant lastLook;

    /** All ports first, then the clock. @param watch the one that the receiver tells what it hears */
    public SubscriptionKeeper(
            FhirConfig config,
            EhrClient ehr,
            CatchUp catchUp,
            SubscriptionWatch watch,
            AuditLog audit,
            InstantSource clock) {
        this.subscribing = config.intake().subscribing();
        this.wanted = new WantedSubscriptions(config.intake());
        this.ehr = ehr;
        this.catchUp = catchUp;
        this.watch = watch;
        this.audit = audit;
        this.clock = clock;
        this.standing = new Standing(wanted.criteria().size(), 0, 0);
        this.lastLook = clock.instant();
    }

    /** How our Subscriptions stood at the last look. */
    public Standing standing() {
        return standing;
    }

    /**
     * Looks and repairs once; call it at start and every few minutes.
     *
     * @return how many Subscriptions were created or asked for again
     * @throws EhrException when the EHR cannot be asked now
     */
    public synchronized int keepOnce() {
        Instant since = lastLook;
        lastLook = clock.instant();
        List<Subscription> ours = subscribing == null ? List.of() : ours(subscribing);
        Set<String> failing = new LinkedHashSet<>();
        boolean missed = askSilent(ours, since, failing);
        int active = 0;
        int repaired = 0;
        for (String criteria : wanted.criteria()) {
            Optional<Subscription> there =
                    ours.stream().filter(s -> criteria.equals(s.getCriteria())).findFirst();
            boolean works = there.isPresent()
                    && !failing.contains(id(there.get()).reference())
                    && isOn(there.get().getStatus());
            active += works && there.get().getStatus() == SubscriptionStatus.ACTIVE ? 1 : 0;
            repaired += !works && request(there, criteria) ? 1 : 0;
        }
        standing = new Standing(wanted.criteria().size(), active, standing.repaired() + repaired);
        if (repaired > 0 || missed) {
            catchUp.soon();
        }
        return repaired;
    }

    private List<Subscription> ours(FhirConfig.Subscribing mine) {
        String callback = mine.callback().toString();
        return ehr.list(Subscription.class, Map.of("url", callback), PURPOSE).stream()
                .filter(s -> callback.equals(s.getChannel().getEndpoint()))
                .toList();
    }

    private static boolean isOn(@Nullable SubscriptionStatus status) {
        return status == SubscriptionStatus.ACTIVE || status == SubscriptionStatus.REQUESTED;
    }

    /**
     * Asks each topic subscription that said nothing since the last look, heartbeats included.
     *
     * @param failing takes the references of those that do not work
     * @return whether a poll must find what may have been missed
     */
    private boolean askSilent(List<Subscription> ours, Instant since, Set<String> failing) {
        Set<ResourceId> silent = new LinkedHashSet<>(references(watch.silentSince(since)));
        if (wanted.isTopic()) {
            ours.stream().map(SubscriptionKeeper::id).forEach(silent::add);
            silent.removeAll(references(watch.heardSince(since)));
        }
        boolean missed = false;
        for (ResourceId id : silent) {
            Optional<Notification> status = ehr.subscriptionStatus(id, PURPOSE).flatMap(Notification::ofStatus);
            String said = status.map(Notification::status).orElse("not told");
            boolean off = said.equals("error") || said.equals("off");
            if (off) {
                failing.add(id.reference());
            }
            Optional<CatchUp.Missed> missing = status.flatMap(s -> watch.missed(s, clock.instant()));
            if (missing.isPresent() && !off) {
                LOG.info(
                        "a subscription fell silent and {} events are missing; the EHR is asked for them soon",
                        missing.get().count());
                catchUp.soon(missing.get());
            } else if (off || status.isEmpty()) {
                LOG.info(
                        "a subscription fell silent, {}; the EHR is asked soon for what changed",
                        off ? "it is off" : "and how it stands is not told");
                missed = true;
            }
        }
        return missed;
    }

    /** Only those that lie at our EHR: no other address is ever asked. */
    private List<ResourceId> references(List<String> subscriptions) {
        return subscriptions.stream()
                .flatMap(s -> ehr.base().resourceOf(s).stream())
                .filter(id -> id.type().equals("Subscription"))
                .toList();
    }

    private boolean request(Optional<Subscription> there, String criteria) {
        Subscription asked = wanted.subscription(criteria);
        there.ifPresent(s -> asked.setId(id(s).id()));
        String name = "Subscription " + wanted.name(criteria);
        String digest = Sha256.hex(FhirJson.write(asked));
        audit.record(new AuditEvent.DeliveryIntended(
                clock.instant(), About.nothing(), Outcome.SUCCESS, "ehr", name, 1, digest));
        EhrAnswer answer;
        try {
            answer = there.isPresent() ? ehr.update(id(there.get()), asked) : ehr.create(asked);
        } catch (EhrException e) {
            ended(name, digest, Outcome.SERIOUS_FAILURE, e.code().name());
            throw e;
        }
        ended(name, digest, answer.isSuccess() ? Outcome.SUCCESS : Outcome.SERIOUS_FAILURE, "HTTP " + answer.status());
        LOG.info("{} {}: status {}", name, there.isPresent() ? "asked for again" : "created", answer.status());
        return answer.isSuccess();
    }

    private void ended(String name, String digest, Outcome outcome, String code) {
        audit.record(new AuditEvent.DeliveryEnded(
                clock.instant(), About.nothing(), outcome, "ehr", name, 1, digest, code, null));
    }

    private static ResourceId id(Subscription subscription) {
        return new ResourceId("Subscription", subscription.getIdElement().getIdPart());
    }
}
