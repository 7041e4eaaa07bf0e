package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An EHR or HL7 receiver in a simulated hospital: it hangs, refuses, loses its answers; it remembers all that it was told. */
final class SimulatedReceiver implements Destination {

    private final String name;
    private final Simulation world;
    /** What it was told of each job, in order, repetitions left out. */
    final Map<String, List<FindingReport>> told = new HashMap<>();

    SimulatedReceiver(String name, Simulation world) {
        this.name = name;
        this.world = world;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Outcome deliver(FindingReport report) {
        if (world.isSettled(name, report)) {
            world.violated("doubled", name + " is told again what was settled as delivered: " + report.kind());
        }
        world.meanwhile(name + " is told");
        boolean bad = world.bad(name);
        if (bad && world.random.nextBoolean()) {
            return failure();
        }
        if (world.chance(name, 60)) {
            return new Outcome.Refused("weather");
        }
        if (world.chance(name, 60)) {
            return new Outcome.Mismatch("weather");
        }
        take(report);
        if (bad) {
            return failure(); // it has it, and the answer is lost
        }
        return new Outcome.Delivered(report.key().identifier());
    }

    private Outcome failure() {
        if (world.random.nextInt(10) == 0) {
            throw new IllegalStateException("a bug in the edge");
        }
        String[] codes = {"timeout", "http-503", "AE", "http-500", "unreachable"};
        Duration after = world.random.nextInt(4) == 0 ? Duration.ofHours(2) : null;
        return new Outcome.Retry(codes[world.random.nextInt(codes.length)], after);
    }

    private void take(FindingReport report) {
        List<FindingReport> before = told.computeIfAbsent(report.jobId(), _ -> new ArrayList<>());
        world.reported(name, before, report);
        boolean repeated = !before.isEmpty()
                && before.getLast().key().equals(report.key())
                && before.getLast().kind() == report.kind();
        if (repeated) {
            before.removeLast();
        }
        before.add(report);
    }

    /** The finding that it shows of a job now; null when none, or when it was withdrawn. */
    @Nullable
    Finding shows(String jobId) {
        List<FindingReport> all = told.getOrDefault(jobId, List.of());
        if (all.isEmpty() || all.getLast().kind() == Kind.WITHDRAWN) {
            return null;
        }
        return all.getLast().finding();
    }

    /** Whether what it shows of a job refers to a mask. */
    boolean showsMask(String jobId) {
        List<FindingReport> all = told.getOrDefault(jobId, List.of());
        return !all.isEmpty()
                && all.getLast().kind() != Kind.WITHDRAWN
                && all.getLast().readableMask() != null;
    }
}
