package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.FindingReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Takes reports, or answers what the test queued; first does what the test wants to happen while a report is on its way. */
record FakeDestination(
        String name, List<FindingReport> got, Deque<Destination.Outcome> outcomes, Deque<Runnable> meanwhile)
        implements Destination {

    FakeDestination(String name) {
        this(name, new ArrayList<>(), new ArrayDeque<>(), new ArrayDeque<>());
    }

    @Override
    public Outcome deliver(FindingReport report) {
        Runnable happens = meanwhile.poll();
        if (happens != null) {
            happens.run();
        }
        Outcome next = outcomes.poll();
        if (next == null) {
            got.add(report);
            return new Outcome.Delivered(report.key().identifier());
        }
        return next;
    }
}
