package io.bloodnet.server.result;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.MaskReference;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.finding.ResultKey;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.study.MaskStore;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.store.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Turns a finding into deliveries: the mask for the PACS and a report for each destination, under identifiers that derive from study,
 * model and input (promise 3). Safe for all threads.
 */
public final class Results {

    private final Outbox outbox = new Outbox();
    private final MaskStore masks;
    private final ModelId model;
    private final @Nullable Double siteThreshold;
    private final List<String> destinations;
    private final Runnable wake;
    private final InstantSource clock;

    /**
     * @param siteThreshold what the site chose in place of the model's operating point; null for the model's own
     * @param destinations names of the configured destinations but the PACS
     * @param wake tells the queue of deliveries that there is work
     */
    public Results(
            MaskStore masks,
            ModelId model,
            @Nullable Double siteThreshold,
            List<String> destinations,
            Runnable wake,
            InstantSource clock) {
        this.masks = masks;
        this.model = model;
        this.siteThreshold = siteThreshold;
        this.destinations = List.copyOf(destinations);
        this.wake = wake;
        this.clock = clock;
    }

    /** Results that go nowhere, since nothing is analyzed. */
    public static Results nowhere(InstantSource clock) {
        MaskStore none = new MaskStore() {
            @Override
            public Destination.Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg) {
                throw new IllegalStateException("nothing is analyzed here");
            }

            @Override
            public String url(StudyUid studyUid, String seriesUid, String sopInstanceUid) {
                throw new IllegalStateException("nothing is analyzed here");
            }
        };
        return new Results(none, new ModelId("none", "0", "0".repeat(64)), null, List.of(), () -> {}, clock);
    }

    /** What is to be written to the outbox; made before the transaction, since encoding a mask takes time. */
    public record Prepared(FindingReport report, byte @Nullable [] seg) {}

    public Prepared prepare(Job job, Finding finding, StudyFacts facts, @Nullable Analysis analysis) {
        ResultKey key = ResultKey.of(finding, model, siteThreshold);
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        byte[] seg = null;
        MaskReference mask = null;
        // A mask below the operating point would contradict the report that no bleed is suspected.
        boolean positive = finding instanceof Finding.Analyzed analyzed && analyzed.positive();
        if (positive && analysis != null && analysis.mask() != null) {
            String sop = key.uid("seg");
            String series = key.uid("seg-series");
            seg = analysis.mask().toSeg(sop, series, at);
            mask = new MaskReference(sop, series, masks.url(key.studyUid(), series, sop), seg.length, sha1(seg));
        }
        ModelId used = finding instanceof Finding.Analyzed a ? a.model() : model;
        byte[] keyImage = analysis == null ? null : analysis.keyImagePng();
        FindingReport report = new FindingReport(
                job.id(), job.order(), facts, finding, used, key, FindingReport.Kind.FIRST, mask, keyImage, null, at);
        return new Prepared(report, seg);
    }

    /** Writes the deliveries and when they run, in the transaction of the finding. */
    public void enqueue(Handle handle, Job job, Prepared prepared) {
        FindingReport made = of(job.order(), prepared.report());
        if (prepared.seg() != null) {
            outbox.add(handle, Outbox.PACS, made, prepared.seg(), clock.instant());
        }
        List<Outbox.Delivery> before = outbox.ofJob(handle, job.id());
        for (String destination : destinations) {
            List<Outbox.Delivery> told = before.stream()
                    .filter(delivery -> delivery.destination().equals(destination))
                    .toList();
            outbox.add(handle, destination, Retelling.of(made, told), null, clock.instant());
        }
        scheduleReady(handle, job);
    }

    /** From when on a suspicion that was told may be corrected: receivers are never flooded. A first suspicion waits for nothing. */
    public Instant correctableFrom(Handle handle, Job job) {
        return job.hasSuspicion()
                ? outbox.lastReport(handle, job.id())
                        .map(last -> last.plus(PipelineLimits.CORRECTIONS_EVERY))
                        .orElse(Instant.MIN)
                : Instant.MIN;
    }

    /** The job after a report was settled that was told while its images arrive; empty when there is nothing to say of it. */
    public Optional<Job> toldEarly(Handle handle, Job job) {
        List<Outbox.Delivery> all = outbox.ofJob(handle, job.id());
        Optional<Job> held = held(job, all);
        boolean pending = all.stream()
                .anyMatch(delivery ->
                        delivery.state() != Outbox.State.DELIVERED && delivery.state() != Outbox.State.OVERTAKEN);
        return held.isPresent() || pending || job.reportedAt() != null
                ? held
                : Optional.of(job.reported(clock.instant()));
    }

    private static Optional<Job> held(Job job, List<Outbox.Delivery> all) {
        return all.stream()
                .filter(delivery -> delivery.state() == Outbox.State.HELD)
                .findFirst()
                .map(delivery -> job.doubted(
                        "the " + delivery.destination() + " disagrees: " + delivery.resultCode(), JobState.DELIVERING));
    }

    /** The job as it ends when all its deliveries have; empty while one is pending. */
    public Optional<Job> ended(Handle handle, Job job) {
        List<Outbox.Delivery> all = outbox.ofJob(handle, job.id());
        if (all.stream().anyMatch(delivery -> delivery.state() == Outbox.State.PENDING)) {
            return Optional.empty();
        }
        Optional<Job> held = held(job, all);
        if (held.isPresent()) {
            return held;
        }
        for (Outbox.Delivery delivery : all) {
            if (delivery.state() == Outbox.State.DEAD) {
                return Optional.of(job.moved(
                        JobState.FAILED,
                        "delivery to " + delivery.destination() + " failed: " + delivery.resultCode()));
            }
        }
        Optional<String> withdrawn = withdrawnAt(all);
        if (withdrawn.isPresent()) {
            return Optional.of(job.doubted(
                    "what the " + withdrawn.get()
                            + " was told is withdrawn and is not filed again by itself: who stands by it tries it again",
                    JobState.DELIVERING));
        }
        Job reported = job.reportedAt() == null ? job.reported(clock.instant()) : job;
        return Optional.of(
                switch (Objects.requireNonNull(job.finding(), "a job that is delivered has a finding")) {
                    case Finding.Analyzed a ->
                        reported.moved(a.positive() ? JobState.REPORTED_POSITIVE : JobState.REPORTED_NEGATIVE, null);
                    case Finding.NotAnalyzed n -> reported.moved(JobState.NOT_ANALYZED, n.detail());
                });
    }

    /** A receiver whose newest word from us is that the result is withdrawn: such a job must never pass for reported. */
    private static Optional<String> withdrawnAt(List<Outbox.Delivery> all) {
        return all.stream()
                .filter(delivery -> delivery.kind() == FindingReport.Kind.WITHDRAWN)
                .filter(delivery -> all.stream()
                        .noneMatch(other -> other.destination().equals(delivery.destination())
                                && other.sequence() > delivery.sequence()))
                .map(Outbox.Delivery::destination)
                .findFirst();
    }

    /** Whether some receiver's newest word of this job is that its result is withdrawn. */
    public boolean isWithdrawn(Handle handle, Job job) {
        return withdrawnAt(outbox.ofJob(handle, job.id())).isPresent();
    }

    /** What is still on its way tells of the order as it is now: a report must not go to a patient record that was merged away. */
    public void retell(Handle handle, Job job) {
        for (Outbox.Delivery delivery : outbox.ofJob(handle, job.id())) {
            if (delivery.state() != Outbox.State.DELIVERED
                    && delivery.isReadable()
                    && !delivery.report().order().equals(job.order())) {
                outbox.retell(handle, delivery, of(job.order(), delivery.report()));
            }
        }
    }

    /**
     * Takes back what was filed: the same reports again, as withdrawn, to everybody who got one. What has not left yet stays here until a
     * person decides.
     */
    public void withdraw(Handle handle, Job job) {
        outbox.holdUnsent(handle, job.id(), "the patient record changed");
        for (Outbox.Delivery told : outbox.ofJob(handle, job.id())) {
            boolean reached = told.state() == Outbox.State.DELIVERED || told.attempts() > 0;
            if (reached
                    && told.isReadable()
                    && !told.destination().equals(Outbox.PACS)
                    && told.kind() != FindingReport.Kind.WITHDRAWN) {
                FindingReport withdrawn = reissued(told.report(), FindingReport.Kind.WITHDRAWN);
                outbox.add(handle, told.destination(), withdrawn, null, clock.instant());
            }
        }
        scheduleReady(handle, job);
    }

    /** The report of the order as it is now: what was said of it while the study was looked at belongs into the report. */
    private static FindingReport of(ImagingOrder order, FindingReport r) {
        return new FindingReport(
                r.jobId(),
                order,
                r.facts(),
                r.finding(),
                r.model(),
                r.key(),
                r.kind(),
                r.mask(),
                r.keyImagePng(),
                r.supersedes(),
                r.issuedAt());
    }

    private FindingReport reissued(FindingReport r, FindingReport.Kind kind) {
        return new FindingReport(
                r.jobId(),
                r.order(),
                r.facts(),
                r.finding(),
                r.model(),
                r.key(),
                kind,
                r.mask(),
                null,
                r.supersedes(),
                clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }

    /** Lets those deliveries run whose turn it is: each destination has its own order, and waits for no other. */
    public void scheduleReady(Handle handle, Job job) {
        List<Outbox.Delivery> all = outbox.ofJob(handle, job.id());
        int priority = priority(job);
        for (Outbox.Delivery delivery : all) {
            if (delivery.state() == Outbox.State.PENDING && isReady(delivery, all)) {
                Schedule.unlessScheduled(
                        handle, Schedule.lane(delivery.destination()), delivery.id(), clock.instant(), priority);
            }
        }
    }

    public static boolean isReady(Outbox.Delivery delivery, List<Outbox.Delivery> all) {
        return all.stream()
                .filter(other -> other.state() == Outbox.State.PENDING)
                .noneMatch(other ->
                        other.destination().equals(delivery.destination()) && other.sequence() < delivery.sequence());
    }

    /** Suspected bleeds before everything else, then by the order's urgency: higher runs first. */
    public static int priority(Job job) {
        boolean positive = job.finding() instanceof Finding.Analyzed a && a.positive();
        return (positive ? 10 : 0) + 2 - job.order().priority().ordinal();
    }

    /** Tells the queue of deliveries that there is work. */
    public void wake() {
        wake.run();
    }

    /** SHA-256 of what the model said of each slice: names the output in the audit log. */
    public static String outputDigest(Finding.Analyzed analyzed) {
        return Sha256.hex(Json.write(analyzed.slices()).getBytes(StandardCharsets.UTF_8));
    }

    private static String sha1(byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
