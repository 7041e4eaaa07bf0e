package io.bloodnet.server.result;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.finding.MaskReference;
import io.bloodnet.server.result.Outbox.Delivery;
import io.bloodnet.server.result.Outbox.State;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * What receivers are told of the mask after the archive has decided. Reports do not wait for that: they refer to the mask under the names
 * that it will have. Only when it does not come, or comes after that was said, they are told once more; each of the two at most once for a
 * result, since a delivery's kind and key are unique. Each method works in the caller's transaction, which holds the job's lock. Stateless.
 */
public final class MaskNews {

    private final Outbox outbox;

    public MaskNews(Outbox outbox) {
        this.outbox = outbox;
    }

    /** The archive does not take it: what was not sent yet goes without it, what was sent is told again without it. */
    public void refused(Handle handle, Delivery mask, Instant now) {
        for (Delivery last : lastTold(handle, mask)) {
            FindingReport report = last.report();
            if (report.readableMask() == null || report.kind() == Kind.WITHDRAWN) {
                continue;
            }
            if (!outbox.rewrite(handle, last, report.as(report.kind(), null))) {
                outbox.add(handle, last.destination(), report.as(Kind.MASK_REFUSED, report.mask()), null, now);
            }
        }
    }

    /** The archive has it: who was told a report without it is told again. */
    public void stored(Handle handle, Delivery mask, Instant now) {
        MaskReference there = mask.report().mask();
        for (Delivery last : lastTold(handle, mask)) {
            FindingReport report = last.report();
            if (report.readableMask() != null || report.kind() == Kind.WITHDRAWN) {
                continue;
            }
            if (report.kind() == Kind.MASK_REFUSED || !outbox.rewrite(handle, last, report.as(report.kind(), there))) {
                outbox.add(handle, last.destination(), report.as(Kind.MASK_STORED, there), null, now);
            }
        }
    }

    /** For each destination, the last report of the job, if it is of the mask's result: nobody is told of an older result once more. */
    private List<Delivery> lastTold(Handle handle, Delivery mask) {
        Map<String, Delivery> last = outbox.ofJob(handle, mask.jobId()).stream()
                .filter(delivery -> !delivery.destination().equals(Outbox.PACS))
                .filter(delivery -> delivery.state() != State.OVERTAKEN)
                .collect(Collectors.toMap(
                        Delivery::destination,
                        Function.identity(),
                        BinaryOperator.maxBy(Comparator.comparingInt(Delivery::sequence))));
        return last.values().stream()
                .filter(delivery -> delivery.state() == State.PENDING || delivery.state() == State.DELIVERED)
                .filter(Delivery::isReadable)
                .filter(delivery ->
                        delivery.report().key().isOfSameResult(mask.report().key()))
                .toList();
    }
}
