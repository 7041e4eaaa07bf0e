package io.bloodnet.server.intake;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderEvent.Outcome.Applied;
import io.bloodnet.imaging.order.OrderEvent.Outcome.Created;
import io.bloodnet.imaging.order.OrderEvent.Outcome.Ignored;
import io.bloodnet.imaging.order.OrderEvent.Outcome.Unable;
import io.bloodnet.imaging.order.OrderEvent.Outcome.Unknown;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.OrderNames;
import io.bloodnet.server.job.OrderNames.Match;
import io.bloodnet.server.job.OrdersUnderWay;
import io.bloodnet.server.job.StudyOwner;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.HumanReports;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Inserts;
import io.bloodnet.server.store.TimeUuid;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What a message's events do to jobs: the order-control state machine (HL7 table 0119, see docs/flow/1-order-in.md). Each method works in
 * the transaction of the message. Safe for all threads.
 */
public final class OrderEvents {

    /** Jobs of one patient that a merge or an update looks at. */
    private static final int PATIENT_JOBS_MAX = 500;

    private static final String OF_ANOTHER_PATIENT = "the number is of an order of another patient";

    private final JobStore jobs;
    private final OrderNames names;
    private final Results results;
    private final AuditLog audit;
    private final Transitions transitions;
    private final StudyOwner owners;
    private final InstantSource clock;

    /** Collaborators as the pipeline has them. */
    public OrderEvents(JobStore jobs, Results results, AuditLog audit, InstantSource clock) {
        this.jobs = jobs;
        this.names = new OrderNames(jobs);
        this.results = results;
        this.audit = audit;
        this.transitions = new Transitions(jobs, audit, clock);
        this.owners = new StudyOwner(jobs, transitions);
        this.clock = clock;
    }

    /** Applies one event and says what became of it. */
    OrderEvent.Outcome apply(Handle handle, OrderEvent event) {
        return switch (event) {
            case OrderEvent.Placed(ImagingOrder order, String hold) -> place(handle, order, hold);
            case OrderEvent.Updated(ImagingOrder order) -> update(handle, order);
            case OrderEvent.Cancelled(OrderKey key, String reason) ->
                withJob(handle, key, (h, job) -> cancel(h, job, reason));
            case OrderEvent.Held(OrderKey key, String reason) -> withJob(handle, key, (h, job) -> hold(h, job, reason));
            case OrderEvent.Released(OrderKey key) -> withJob(handle, key, this::release);
            case OrderEvent.ImagesComplete(OrderKey key, Integer instances) ->
                withJob(handle, key, (h, job) -> imagesComplete(h, job, instances));
            case OrderEvent.Replaced(OrderKey old, ImagingOrder replacement, String hold) ->
                replace(handle, old, replacement, hold);
            case OrderEvent.PatientMerged(PatientId prior, Patient surviving) ->
                repatient(handle, prior, surviving, null);
            case OrderEvent.PatientUpdated(Patient patient, String patientClass) ->
                repatient(handle, patient.id(), patient, patientClass);
            case OrderEvent.HumanReport report ->
                withJob(handle, report.key(), (h, job) -> readByHuman(h, job, report));
            case OrderEvent.NotForUs(String reason) -> new Ignored(reason);
        };
    }

    private OrderEvent.Outcome withJob(
            Handle handle, OrderKey key, BiFunction<Handle, Job, OrderEvent.Outcome> action) {
        return switch (names.match(handle, key)) {
            case Match.None() -> new Unknown();
            case Match.Found(Job job) -> action.apply(handle, job);
            case Match.Contradicted(Job job) -> contradicted(handle, job);
        };
    }

    /** What names another patient than the order does is not done, and a person sees that it came (promise 9). */
    private OrderEvent.Outcome contradicted(Handle handle, Job job) {
        if (job.reason() == null) {
            transitions.apply(handle, job, job.noted("a message under its number names another patient: not done"));
        }
        return new Unable(job.id(), OF_ANOTHER_PATIENT);
    }

    /** Whether the message's number was ours, but not its patient: nothing that it says is about our order. */
    static boolean isOfAnotherPatient(OrderEvent.Outcome outcome) {
        return outcome instanceof Unable(String job, String why) && why.equals(OF_ANOTHER_PATIENT);
    }

    // ------------------------------------------------------------------ placed, changed

    private OrderEvent.Outcome place(Handle handle, ImagingOrder order, @Nullable String hold) {
        return switch (names.match(handle, of(order))) {
            case Match.None() -> create(handle, order, hold);
            case Match.Contradicted(Job job) -> createContradicting(handle, order);
            case Match.Found(Job job) -> {
                OrderEvent.Outcome outcome =
                        job.state() == JobState.CANCELLED ? reopen(handle, job, order) : merge(handle, job, order);
                if (hold != null) { // what is said now contradicts itself, whatever was known before
                    jobs.lock(handle, job.id()).ifPresent(now -> hold(handle, now, hold));
                }
                yield outcome;
            }
        };
    }

    private static OrderKey of(ImagingOrder order) {
        return order.key().about(order.patient().id());
    }

    private OrderEvent.Outcome createContradicting(Handle handle, ImagingOrder order) {
        return create(handle, order, "its identifiers belong to an order of another patient");
    }

    private OrderEvent.Outcome create(Handle handle, ImagingOrder order, @Nullable String hold) {
        Job job = fresh(order, hold);
        transitions.create(handle, job);
        names.add(handle, job.id(), order.key());
        wake(handle, job);
        return new Created(job.id());
    }

    /** A job for an order that no job knows. */
    Job fresh(ImagingOrder order, @Nullable String hold) {
        Instant now = clock.instant();
        return Job.placed(TimeUuid.at(now).toString(), order.ofItsPatient(), hold, now);
    }

    /**
     * Adds jobs for orders whose names nobody has to the rows, as if each had been placed; gives the entries that must be written with
     * them.
     */
    List<AuditEvent> create(Inserts rows, List<Job> fresh) {
        List<AuditEvent> entries = transitions.create(rows, fresh);
        List<OrderNames.Named> named = new ArrayList<>();
        List<Schedule.Run> runs = new ArrayList<>();
        for (Job job : fresh) {
            named.addAll(OrderNames.first(job.order().key(), job.id()));
            if (runs(job)) {
                runs.add(new Schedule.Run(job.id(), clock.instant(), priority(job)));
            }
        }
        rows.add(OrderNames.Named.TABLE, named);
        rows.add(Schedule.Queue.JOBS.firstRuns, runs);
        return entries;
    }

    private OrderEvent.Outcome reopen(Handle handle, Job job, ImagingOrder order) {
        Optional<Job> owner = owner(handle, job);
        if (owner.isPresent()) { // the study is looked at under another number
            Job urgent = owner.get().withOrder(owner.get().order().asUrgentAs(order));
            transitions.apply(handle, owner.get(), urgent);
            return new Applied(owner.get().id());
        }
        Job fenced = jobs.fence(handle, job);
        expectAnew(handle, fenced, fenced.withOrder(fenced.order().completedBy(order)), null);
        return new Applied(job.id());
    }

    private Optional<Job> owner(Handle handle, Job job) {
        StudyUid study = job.order().key().studyUid();
        return study == null || job.state() != JobState.CANCELLED ? Optional.empty() : owners.owner(handle, study, job);
    }

    /** Images are looked for again, with a fresh budget: somebody said that there is something to look for. */
    private void expectAnew(Handle handle, Job fenced, Job changed, @Nullable String why) {
        Job waiting = changed.moved(JobState.WAITING_FOR_IMAGES, why)
                .expectedFrom(changed.order().imagesFrom(clock.instant()));
        transitions.apply(handle, fenced, waiting);
        wake(handle, waiting);
    }

    /** Whether it ended for lack of images: nothing that was judged is lost by looking again. */
    private static boolean lackedImages(Job job) {
        boolean inTime = job.finding() instanceof Finding.NotAnalyzed none
                && (none.reason() == NotAnalyzedReason.IMAGES_NOT_IN_TIME
                        || none.reason() == NotAnalyzedReason.INCOMPLETE);
        return (job.state() == JobState.NOT_ANALYZED || job.state() == JobState.FAILED)
                && (job.finding() == null || inTime);
    }

    private OrderEvent.Outcome merge(Handle handle, Job job, ImagingOrder order) {
        ImagingOrder merged = job.order().completedBy(order);
        names.add(handle, job.id(), merged.key());
        if (lackedImages(job)) {
            Job fenced = jobs.fence(handle, job);
            expectAnew(handle, fenced, fenced.withOrder(merged), "ordered again");
        } else if (job.state() == JobState.WAITING_FOR_IMAGES) {
            Job fenced = jobs.fence(handle, job);
            Job changed = fenced.withOrder(merged);
            results.retell(
                    handle,
                    transitions.apply(handle, fenced, changed.expectedFrom(merged.imagesFrom(clock.instant()))));
            wake(handle, changed);
        } else if (!merged.equals(job.order())) {
            results.retell(handle, transitions.apply(handle, job, job.withOrder(merged)));
        }
        return new Applied(job.id());
    }

    private OrderEvent.Outcome update(Handle handle, ImagingOrder order) {
        return switch (names.matchRenamed(handle, of(order))) {
            case Match.None() -> create(handle, order, null); // its NW was lost, or we are newer than the order
            case Match.Contradicted(Job job) -> createContradicting(handle, order);
            case Match.Found(Job job) -> update(handle, job, order);
        };
    }

    private OrderEvent.Outcome update(Handle handle, Job job, ImagingOrder order) {
        if (job.state().isTerminal() || job.state() == JobState.DELIVERING) {
            return new Unable(job.id(), "too late to change: " + job.state().sentence());
        }
        ImagingOrder merged = order.completedBy(job.order()); // what is said now wins
        Job fenced = jobs.fence(handle, job);
        names.add(handle, job.id(), merged.key());
        Job changed = fenced.withOrder(merged);
        boolean replanned = order.scheduledAt() != null;
        Job told = transitions.apply(
                handle, fenced, replanned ? changed.expectedFrom(merged.imagesFrom(clock.instant())) : changed);
        results.retell(handle, told);
        wake(handle, changed);
        return new Applied(job.id());
    }

    private OrderEvent.Outcome replace(Handle handle, OrderKey old, ImagingOrder replacement, @Nullable String hold) {
        switch (names.match(
                handle, old.patient() == null ? old.about(replacement.patient().id()) : old)) {
            case Match.None() -> {}
            case Match.Contradicted(Job job) -> contradicted(handle, job);
            case Match.Found(Job job) -> {
                if (cancel(handle, job, "replaced by another order") instanceof Applied) {
                    names.drop(handle, job.id());
                }
            }
        }
        return place(handle, replacement, hold);
    }

    // ------------------------------------------------------------------ cancelled, held, released, complete

    private OrderEvent.Outcome cancel(Handle handle, Job job, String reason) {
        return switch (job.state()) {
            case WAITING_FOR_IMAGES, ON_HOLD, ANALYZING -> {
                if (job.finding() != null) {
                    OrdersUnderWay.calledOff(handle, job);
                    yield new Unable(job.id(), "too late to cancel: a result was filed");
                }
                Job fenced = jobs.fence(handle, job);
                transitions.apply(handle, fenced, fenced.moved(JobState.CANCELLED, reason));
                yield new Applied(job.id());
            }
            case CANCELLED -> new Applied(job.id());
            case DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, NOT_ANALYZED -> {
                OrdersUnderWay.calledOff(handle, job);
                yield new Unable(job.id(), "too late to cancel: " + job.state().sentence());
            }
            case FAILED ->
                new Unable(job.id(), "too late to cancel: " + job.state().sentence());
        };
    }

    private OrderEvent.Outcome hold(Handle handle, Job job, String reason) {
        return switch (job.state()) {
            case WAITING_FOR_IMAGES, ANALYZING -> {
                Job fenced = jobs.fence(handle, job);
                transitions.apply(handle, fenced, fenced.held(reason, JobState.WAITING_FOR_IMAGES));
                yield new Applied(job.id());
            }
            case ON_HOLD -> new Applied(job.id());
            case DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, NOT_ANALYZED, FAILED, CANCELLED ->
                new Unable(job.id(), "too late to hold: " + job.state().sentence());
        };
    }

    private OrderEvent.Outcome release(Handle handle, Job job) {
        if (job.state() != JobState.ON_HOLD || job.resumeState() != JobState.WAITING_FOR_IMAGES) {
            return new Applied(job.id());
        }
        Job fenced = jobs.fence(handle, job);
        expectAnew(handle, fenced, fenced, null);
        return new Applied(job.id());
    }

    private OrderEvent.Outcome imagesComplete(Handle handle, Job job, @Nullable Integer instances) {
        boolean stands = job.state() == JobState.WAITING_FOR_IMAGES || job.state() == JobState.ON_HOLD;
        boolean again = lackedImages(job);
        // A study that is looked at goes on: how many images were promised is held against what was there when it is
        // done.
        Job current = stands || again ? jobs.fence(handle, job) : job;
        Job told = current.withOrder(current.order().withExpected(instances)).withImagesComplete();
        if (again) {
            expectAnew(handle, current, told, "the sender says that the images are complete");
        } else {
            transitions.apply(handle, current, stands ? told.expectedFrom(clock.instant()) : told);
            wake(handle, told);
        }
        return new Applied(job.id());
    }

    // ------------------------------------------------------------------ patients

    /** A40 and A08: orders move to the surviving record; what was filed and cannot be of that patient is withdrawn (promise 5). */
    private OrderEvent.Outcome repatient(Handle handle, PatientId prior, Patient now, @Nullable String patientClass) {
        List<Job> affected = jobs.ofPatient(handle, prior.value(), PATIENT_JOBS_MAX);
        String last = null;
        for (Job found : affected) {
            if (!found.order().patient().id().matches(prior)) {
                continue;
            }
            Job job = jobs.fence(handle, jobs.lock(handle, found.id()).orElseThrow());
            ImagingOrder moved = job.order().withPatient(merged(job.order().patient(), now), patientClass);
            Job after = job.withOrder(moved);
            boolean filed = job.finding() != null;
            boolean wrong = job.facts() != null && contradictsImages(job.facts().patient(), prior, now);
            if (filed && wrong) {
                after = after.doubted(
                        "the patient record changed and is not the patient in the images; results are withdrawn",
                        JobState.DELIVERING);
            }
            results.retell(handle, transitions.apply(handle, job, after));
            if (filed && wrong) {
                results.withdraw(handle, after);
            } else if (job.state() == JobState.ANALYZING) {
                wake(handle, after); // the run was fenced off: it begins again with the new patient
            }
            last = job.id();
        }
        return last == null ? new Unknown() : new Applied(last);
    }

    /** The images keep the prior identifier after a merge; birth date and sex must still agree. */
    private static boolean contradictsImages(@Nullable Patient imaged, PatientId prior, Patient now) {
        if (imaged == null) {
            return false;
        }
        PatientId id = imaged.id().matches(prior) ? imaged.id() : now.id();
        Patient compared = new Patient(id, now.familyName(), now.givenName(), now.birthDate(), now.sex());
        return imaged.contradicts(compared);
    }

    private static Patient merged(Patient known, Patient now) {
        return new Patient(
                now.id(),
                now.familyName() != null ? now.familyName() : known.familyName(),
                now.givenName() != null ? now.givenName() : known.givenName(),
                now.birthDate() != null ? now.birthDate() : known.birthDate(),
                now.sex() != Patient.Sex.UNKNOWN ? now.sex() : known.sex());
    }

    // ------------------------------------------------------------------ human reports

    private OrderEvent.Outcome readByHuman(Handle handle, Job job, OrderEvent.HumanReport report) {
        if (!HumanReports.saysOfWhom(report)) {
            return unnamed(handle, job);
        }
        if (HumanReports.takesBack(report)) {
            return HumanReports.mayBeTheOne(job, report)
                    ? takenBack(handle, job, report)
                    : new Ignored("another report on the study was taken back");
        }
        boolean isFinal = report.status().equals("F") || report.status().equals("C");
        if (!isFinal) {
            return new Ignored("not a final report");
        }
        Instant readAt = HumanReports.readAt(job, report, clock.instant());
        if (readAt == null) {
            return new Ignored("a later report by a person is known");
        }
        Job current = job.state() == JobState.WAITING_FOR_IMAGES ? jobs.fence(handle, job) : job;
        Job read = current.readByHuman(readAt, report.saysHemorrhage(), report.report());
        transitions.apply(handle, current, read);
        wake(handle, current);
        owner(handle, job).ifPresent(other -> readByHuman(handle, other, report));
        audit.append(
                handle.getConnection(),
                HumanReports.link(read, "report with status " + report.status(), clock.instant()));
        return new Applied(job.id());
    }

    /** A number alone is no patient: the report does not count, and a person sees that it came (promise 9). */
    private OrderEvent.Outcome unnamed(Handle handle, Job job) {
        if (job.reason() == null) {
            transitions.apply(handle, job, job.noted("a report under its number names no patient: it does not count"));
        }
        return new Unable(job.id(), "the report names neither a patient nor a study");
    }

    private OrderEvent.Outcome takenBack(Handle handle, Job job, OrderEvent.HumanReport report) {
        Job unread = transitions.apply(handle, job, HumanReports.takenBack(job, report, clock.instant()));
        owner(handle, job).ifPresent(other -> takenBack(handle, other, report));
        audit.append(
                handle.getConnection(),
                HumanReports.link(unread, "report with status " + report.status(), clock.instant()));
        return new Applied(job.id());
    }

    private void wake(Handle handle, Job job) {
        if (runs(job)) {
            Schedule.at(handle, Schedule.Queue.JOBS, job.id(), clock.instant(), priority(job));
        }
    }

    private static boolean runs(Job job) {
        return job.state() == JobState.WAITING_FOR_IMAGES || job.state() == JobState.ANALYZING;
    }

    private static int priority(Job job) {
        return 2 - job.order().priority().ordinal();
    }
}
