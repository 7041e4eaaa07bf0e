package io.bloodnet.server.result;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.finding.ResultKey;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a result is told to one destination that was told something of the same job before. What was withdrawn there stays withdrawn: a result
 * that a person stands by afterwards is told as a new one, under an identity of its own ({@link ResultKey#edition}). What was told and still
 * stands is corrected. Stateless.
 */
final class Retelling {

    private Retelling() {}

    /** @param told all deliveries of the job to this destination */
    static FindingReport of(FindingReport made, List<Outbox.Delivery> told) {
        Set<String> withdrawn = new HashSet<>();
        int edition = 0;
        for (Outbox.Delivery delivery : told) {
            if (delivery.kind() != Kind.WITHDRAWN) {
                continue;
            }
            withdrawn.add(delivery.idempotencyKey());
            ResultKey key = delivery.report().key();
            if (key.isOfSameResult(made.key())) {
                edition = Math.max(edition, key.edition() + 1);
            }
        }
        ResultKey key = made.key().inEdition(edition);
        Optional<String> superseded = told.stream()
                .filter(delivery -> delivery.state() == Outbox.State.DELIVERED || delivery.attempts() > 0)
                .filter(delivery -> !delivery.idempotencyKey().equals(key.identifier()))
                .filter(delivery -> !withdrawn.contains(delivery.idempotencyKey()))
                .max(Comparator.comparingInt(Outbox.Delivery::sequence))
                .map(Outbox.Delivery::idempotencyKey);
        return with(made, key, superseded.isEmpty() ? made.kind() : Kind.CORRECTED, superseded.orElse(null));
    }

    private static FindingReport with(FindingReport r, ResultKey key, Kind kind, @Nullable String supersedes) {
        return new FindingReport(
                r.jobId(),
                r.order(),
                r.facts(),
                r.finding(),
                r.model(),
                key,
                kind,
                r.mask(),
                r.keyImagePng(),
                supersedes,
                r.issuedAt());
    }
}
