package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.result.Outbox;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must hold in a simulated hospital, whatever happens: DESIGN section 4 as the outside sees it. */
final class Invariants {

    private static final Set<JobState> VISIBLE_ENDS = Set.of(
            JobState.REPORTED_POSITIVE,
            JobState.REPORTED_NEGATIVE,
            JobState.NOT_ANALYZED,
            JobState.FAILED,
            JobState.CANCELLED,
            JobState.ON_HOLD);

    private final Simulation world;

    Invariants(Simulation world) {
        this.world = world;
    }

    /** A receiver gets a report: nothing may be wrong with it that could not be taken back. */
    void reported(String receiver, List<FindingReport> before, FindingReport report) {
        Simulation.Placed order = world.orderOf(report.jobId());
        if (order != null && order.cancelled && before.isEmpty()) {
            world.violated("cancelled", receiver + " gets a report on an order whose cancelling was acknowledged");
        }
        if (report.finding() instanceof Finding.Analyzed a && !a.positive()) {
            negative(receiver, order, a);
        }
        boolean suspected = before.stream()
                .anyMatch(old ->
                        old.kind() != Kind.WITHDRAWN && old.finding() instanceof Finding.Analyzed a && a.positive());
        if (suspected && report.finding() instanceof Finding.NotAnalyzed && report.kind() != Kind.WITHDRAWN) {
            world.violated("suspicion", receiver + " is told nothing in place of a suspicion");
        }
    }

    private void negative(String receiver, Simulation.@Nullable Placed order, Finding.Analyzed a) {
        SimulatedArchive.Look look = world.archive.looks.get(a.inputDigest());
        if (look == null) {
            world.violated("negative", receiver + " gets a result of images that nobody looked at");
            return;
        }
        if (order == null) {
            return; // its order was not acknowledged yet: nothing was promised to us
        }
        boolean whole = look.slices() >= order.study.total;
        Duration still = order.complete
                ? PipelineLimits.SETTLED
                : order.promised == null ? world.limits.quietPeriod() : world.limits.shortfall();
        if (!whole && look.stoodStill().compareTo(still) < 0) {
            world.violated(
                    "negative",
                    receiver + " gets a negative of " + look.slices() + " of " + order.study.total + " slices");
        }
    }

    /** Between any two steps. */
    void afterStep() {
        for (Simulation.Placed order : world.placed.values()) {
            if (!order.acknowledged) {
                continue;
            }
            Job job = jobOf(order);
            if (job == null) {
                world.violated("lost", "an order that was acknowledged is not there");
                return;
            }
            if (order.readByHuman && job.humanReadAt() == null) {
                world.violated("human", "a person's report that was acknowledged is undone");
            }
            String patient = job.order().patient().id().value();
            if (!patient.equals(order.patient) && !order.perhaps.contains(patient)) {
                world.violated("patient", "a merge that was acknowledged is undone");
            }
        }
    }

    private @Nullable Job jobOf(Simulation.Placed order) {
        return world.database
                .read(handle -> Simulations.idOf(handle, order).flatMap(id -> world.jobs.find(handle, id)))
                .orElse(null);
    }

    /** When all is at rest. */
    void atTheEnd() {
        afterStep();
        for (Simulation.Placed order : world.placed.values()) {
            Job job = jobOf(order);
            if (job == null) {
                continue;
            }
            if (!VISIBLE_ENDS.contains(job.state())) {
                world.violated("ends", "a job is left " + job.state());
            }
            card(job);
            told(job);
        }
        if (!Simulations.areCountsRight(world.database)) {
            world.violated("counts", "the counts of jobs are not how many there are");
        }
    }

    /** What the card shows is what was filed last. */
    private void card(Job job) {
        List<Outbox.Delivery> all = world.database.read(handle -> new Outbox().ofJob(handle, job.id()));
        all.stream()
                .filter(delivery -> delivery.destination().equals("ehr"))
                .filter(delivery -> delivery.report().kind() != Kind.WITHDRAWN)
                .reduce((_, later) -> later)
                .filter(last -> !isSame(last.report().finding(), job.finding()))
                .ifPresent(last -> world.violated(
                        "card",
                        "the card shows " + Simulation.describe(job.finding()) + ", filed was "
                                + Simulation.describe(last.report().finding())));
    }

    /** What was told of all images while nobody knew that they are all is not told again. */
    private static boolean isSame(@Nullable Finding told, @Nullable Finding known) {
        return told instanceof Finding.Analyzed a && known instanceof Finding.Analyzed b
                ? whole(a).equals(whole(b))
                : Objects.equals(told, known);
    }

    private static Finding whole(Finding.Analyzed finding) {
        return finding.without(InputFlag.IMAGES_MAY_STILL_BE_ARRIVING);
    }

    /** A reported end means that all receivers have just that, with a mask where the archive has one. */
    private void told(Job job) {
        Finding finding = job.finding();
        boolean reported = job.state() == JobState.REPORTED_POSITIVE || job.state() == JobState.REPORTED_NEGATIVE;
        if (!reported || finding == null) {
            return;
        }
        for (SimulatedReceiver receiver : List.of(world.ehr, world.hl7)) {
            if (!isSame(receiver.shows(job.id()), finding)) {
                world.violated(
                        "told",
                        receiver.name() + " shows " + Simulation.describe(receiver.shows(job.id())) + ", the job says "
                                + Simulation.describe(finding));
            }
            if (job.state() == JobState.REPORTED_POSITIVE && !receiver.showsMask(job.id())) {
                world.violated("mask", receiver.name() + " knows of no mask though the archive has it");
            }
        }
    }
}
