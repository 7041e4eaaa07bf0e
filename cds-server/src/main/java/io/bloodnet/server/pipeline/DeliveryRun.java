package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.Destination.Outcome.Delivered;
import io.bloodnet.imaging.finding.Destination.Outcome.Mismatch;
import io.bloodnet.imaging.finding.Destination.Outcome.Refused;
import io.bloodnet.imaging.finding.Destination.Outcome.Retry;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.study.MaskStore;
import io.bloodnet.imaging.trace.Spans;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.MaskNews;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.trace.OrderTimes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of one delivery, top-down: intent is committed, then the effect, then its outcome (promise 4). After a crash between effect
 * and outcome the attempt is made again; destinations are idempotent by derived identifiers (promise 3). Safe for many threads.
 */
public final class DeliveryRun {

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryRun.class);

    /** When somebody else is let in as a probe, this one comes again after that; when the peer is back it comes at once. */
    private static final Duration WHILE_AWAY = Duration.ofSeconds(30);

    /** So many attempts in a row may begin and never end: then a person must look. */
    static final int UNFINISHED_MAX = 10;

    /** So many of them are repeated at once: a server may be stopped at any time. */
    static final int UNFINISHED_AT_ONCE = 3;

    private final Database database;
    private final JobStore jobs;
    private final Outbox outbox = new Outbox();
    private final MaskNews maskNews = new MaskNews(outbox);
    private final Results results;
    private final Transitions transitions;
    private final AuditLog audit;
    private final Map<String, Function<Outbox.Delivery, Destination.Outcome>> senders;
    private final Lanes lanes;
    private final PipelineLimits limits;
    private final OrderTimes times;
    private final FaultPoint faults;
    private final InstantSource clock;

    /** @param destinations the configured ones but the PACS, which is {@code masks} */
    public DeliveryRun(
            Database database,
            JobStore jobs,
            Results results,
            MaskStore masks,
            List<Destination> destinations,
            AuditLog audit,
            Lanes lanes,
            PipelineLimits limits,
            OrderTimes times,
            FaultPoint faults,
            InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.results = results;
        this.transitions = new Transitions(jobs, audit, clock);
        this.audit = audit;
        Map<String, Function<Outbox.Delivery, Destination.Outcome>> all = destinations.stream()
                .collect(Collectors.toMap(
                        Destination::name, destination -> delivery -> destination.deliver(delivery.report())));
        all.put(Outbox.PACS, delivery -> storeMask(masks, delivery));
        this.senders = Map.copyOf(all);
        this.lanes = lanes;
        this.limits = limits;
        this.times = times;
        this.faults = faults;
        this.clock = clock;
    }

    private Destination.Outcome storeMask(MaskStore masks, Outbox.Delivery delivery) {
        FindingReport report = delivery.report();
        String sop = Objects.requireNonNull(report.mask(), "a delivery to the PACS has a mask")
                .sopInstanceUid();
        return masks.store(
                report.key().studyUid(), sop, database.read(handle -> outbox.payload(handle, delivery.id())));
    }

    /** Makes one attempt if it is the delivery's turn. It is counted before anything of the report is read: reading it may be what kills us. */
    Next run(String deliveryId) {
        Outbox.Delivery delivery =
                database.read(handle -> outbox.find(handle, deliveryId)).orElse(null);
        if (delivery == null || delivery.state() != Outbox.State.PENDING) {
            return new Next.Done();
        }
        Function<Outbox.Delivery, Destination.Outcome> sender = senders.get(delivery.destination());
        if (sender == null) {
            return settle(delivery, delivery.attempts(), new Refused("destination is not configured any more"));
        }
        if (delivery.unfinished() >= UNFINISHED_MAX) {
            return settle(
                    delivery,
                    delivery.attempts(),
                    new Refused("the server died in each of " + delivery.unfinished() + " attempts"));
        }
        Instant rested = restedAt(delivery);
        if (rested.isAfter(clock.instant())) {
            return new Next.At(rested);
        }
        Breaker breaker = lanes.breaker(Schedule.lane(delivery.destination()));
        if (!breaker.enter()) {
            return new Next.At(clock.instant().plus(WHILE_AWAY));
        }
        if (delivery.attempts() == 0) {
            times.waited(
                    delivery.jobId(),
                    "queue-" + delivery.destination(),
                    Duration.between(delivery.createdAt(), clock.instant()));
        }
        try {
            return times.during(delivery.jobId(), () -> attempt(delivery, sender, breaker));
        } catch (AuditUnavailableException e) {
            LOG.error("delivery {} stands still: the audit log cannot be written, trying again", deliveryId, e);
            return new Next.At(clock.instant().plus(limits.pollMax()));
        } finally {
            breaker.unclear();
        }
    }

    /** After a few attempts that never ended the next ones wait: what kills its process must not do so as fast as it can. */
    private Instant restedAt(Outbox.Delivery delivery) {
        int unfinished = delivery.unfinished();
        return unfinished < UNFINISHED_AT_ONCE || delivery.begunAt() == null
                ? Instant.MIN
                : delivery.begunAt().plus(limits.backoff(unfinished));
    }

    private Next attempt(
            Outbox.Delivery looked, Function<Outbox.Delivery, Destination.Outcome> sender, Breaker breaker) {
        long counting = System.nanoTime();
        boolean counted = database.inTransaction(handle -> Results.isReady(looked, outbox.ofJob(handle, looked.jobId()))
                && outbox.countAttempt(handle, looked, clock.instant()));
        Optional<Outbox.Delivery> begun = counted ? begun(looked) : Optional.empty();
        if (begun.isEmpty()) {
            return new Next.Done(); // whoever ends what comes before, or made that attempt, schedules this one again
        }
        Outbox.Delivery delivery = begun.get();
        Spans.tell("intend-" + delivery.destination(), counting);
        faults.reached("intent-" + delivery.destination());
        Destination.Outcome outcome;
        try {
            outcome = Spans.time("send-" + delivery.destination(), () -> sender.apply(delivery));
        } catch (RuntimeException e) {
            LOG.error("delivery {} to {} broke", delivery.id(), delivery.destination(), e);
            return settle(
                    delivery,
                    delivery.attempts(),
                    new Retry("internal error " + e.getClass().getSimpleName(), null)); // says nothing of the peer
        }
        faults.reached("sent-" + delivery.destination());
        heard(delivery, outcome, breaker);
        return settle(delivery, delivery.attempts(), outcome);
    }

    /** The delivery as it is now that its attempt is counted and nobody can rewrite it, with the intent committed; empty when it is not ours. */
    private Optional<Outbox.Delivery> begun(Outbox.Delivery looked) {
        return database.inTransaction(handle -> {
            Optional<Outbox.Delivery> ours = outbox.find(handle, looked.id())
                    .filter(now -> now.state() == Outbox.State.PENDING && now.attempts() == looked.attempts() + 1);
            ours.ifPresent(delivery -> intended(handle, delivery));
            return ours;
        });
    }

    /** What the outcome says of the peer. One that is back gets what waits for it now, not at the end of long pauses. */
    private void heard(Outbox.Delivery delivery, Destination.Outcome outcome, Breaker breaker) {
        if (outcome instanceof Retry retry && retry.peerIsAway()) {
            breaker.away(delivery.id(), retry.code());
        } else if (breaker.answered()) {
            Schedule.Queue lane = Schedule.lane(delivery.destination());
            database.inTransaction(handle -> Schedule.hurry(handle, lane, clock.instant()));
        }
    }

    private Next settle(Outbox.Delivery delivery, int attempt, Destination.Outcome outcome) {
        long settling = System.nanoTime();
        Next next = database.inTransaction(handle -> switch (outcome) {
            case Delivered(String receipt) -> {
                ended(handle, delivery, attempt, Outcome.SUCCESS, "delivered", null);
                if (delivery.report().finding() instanceof Finding.Analyzed a && a.positive()) {
                    times.flags().acknowledged(handle, delivery.jobId(), delivery.destination());
                }
                yield close(handle, delivery, attempt, Outbox.State.DELIVERED, "delivered", receipt);
            }
            case Retry(String code, Duration after) -> tryAgain(handle, delivery, attempt, code, after);
            case Refused(String code) -> {
                LOG.error(
                        "delivery {} to {} was refused, a person must look: {}",
                        delivery.id(),
                        delivery.destination(),
                        code);
                ended(handle, delivery, attempt, Outcome.SERIOUS_FAILURE, "refused", code);
                yield close(handle, delivery, attempt, Outbox.State.DEAD, code, null);
            }
            case Mismatch(String code) -> {
                LOG.warn(
                        "delivery {} to {} is held, patient or order there disagree: {}",
                        delivery.id(),
                        delivery.destination(),
                        code);
                ended(handle, delivery, attempt, Outcome.SERIOUS_FAILURE, "mismatch", code);
                yield close(handle, delivery, attempt, Outbox.State.HELD, code, null);
            }
        });
        Spans.tell("settle-" + delivery.destination(), settling);
        faults.reached("settled-" + delivery.destination());
        results.wake();
        return next;
    }

    private Next tryAgain(Handle handle, Outbox.Delivery delivery, int attempt, String code, @Nullable Duration after) {
        Instant now = clock.instant();
        boolean old = Duration.between(delivery.createdAt(), now).compareTo(limits.giveUpAfter()) >= 0;
        if (old) {
            LOG.error(
                    "delivery {} to {} is given up after {} attempts, a person must look: {}",
                    delivery.id(),
                    delivery.destination(),
                    attempt,
                    code);
            ended(handle, delivery, attempt, Outcome.MAJOR_FAILURE, "given up", code);
            return close(handle, delivery, attempt, Outbox.State.DEAD, code, null);
        }
        LOG.warn(
                "delivery {} to {}: attempt {} failed, trying again: {}",
                delivery.id(),
                delivery.destination(),
                attempt,
                code);
        ended(handle, delivery, attempt, Outcome.MINOR_FAILURE, "retry", code);
        outbox.settle(handle, delivery, attempt, Outbox.State.PENDING, clip(code), null, now);
        Duration pause = limits.pause(delivery.createdAt(), now);
        if (after != null && after.compareTo(pause) > 0) {
            pause = limits.asked(after);
        }
        return new Next.At(now.plus(pause));
    }

    /** The delivery has ended: others may go now, and perhaps the job has ended too. */
    private Next close(
            Handle handle,
            Outbox.Delivery delivery,
            int attempt,
            Outbox.State state,
            String code,
            @Nullable String receipt) {
        if (!outbox.settle(handle, delivery, attempt, state, clip(code), receipt, clock.instant())) {
            return new Next.Done(); // a later attempt was begun meanwhile: it decides
        }
        Job job = jobs.lock(handle, delivery.jobId()).orElseThrow();
        if (delivery.destination().equals(Outbox.PACS)) {
            if (state == Outbox.State.DELIVERED) {
                maskNews.stored(handle, delivery, clock.instant());
            } else {
                maskNews.refused(handle, delivery, clock.instant());
            }
        }
        results.scheduleReady(handle, job);
        if (job.state() == JobState.DELIVERING) {
            results.ended(handle, job).ifPresent(ended -> transitions.apply(handle, job, ended));
        } else if (job.state() == JobState.WAITING_FOR_IMAGES && job.hasSuspicion()) {
            Job fenced = state == Outbox.State.HELD ? jobs.fence(handle, job) : job;
            results.toldEarly(handle, fenced).ifPresent(told -> transitions.apply(handle, fenced, told));
        }
        return new Next.Done();
    }

    private void intended(Handle handle, Outbox.Delivery delivery) {
        audit.append(
                handle.getConnection(),
                new AuditEvent.DeliveryIntended(
                        clock.instant(),
                        jobs.find(handle, delivery.jobId()).orElseThrow().about(),
                        Outcome.SUCCESS,
                        delivery.destination(),
                        delivery.idempotencyKey(),
                        delivery.attempts(),
                        delivery.payloadSha256()));
    }

    private void ended(
            Handle handle,
            Outbox.Delivery delivery,
            int attempt,
            Outcome outcome,
            String code,
            @Nullable String reason) {
        audit.append(
                handle.getConnection(),
                new AuditEvent.DeliveryEnded(
                        clock.instant(),
                        jobs.find(handle, delivery.jobId()).orElseThrow().about(),
                        outcome,
                        delivery.destination(),
                        delivery.idempotencyKey(),
                        Math.max(1, attempt),
                        delivery.payloadSha256(),
                        code,
                        reason == null ? null : AuditText.fit(reason, AuditText.SENTENCE_CHARS_MAX)));
    }

    private static String clip(String code) {
        return code.length() <= 200 ? code : code.substring(0, 200);
    }
}
