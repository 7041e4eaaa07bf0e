package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.memory.Acknowledgement;
import io.bloodnet.server.cdshooks.request.HookRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How loud the flag on a finding is, for one person at one time. It gets quieter by age and by acknowledgement, and ends with a
 * radiologist's final report. While too few flags are confirmed none is critical, see {@link FlagWatch}.
 */
final class FlagTier {

    private final CdsHooksConfig.Clinical rules;

    private final FlagWatch watch;

    FlagTier(CdsHooksConfig.Clinical rules, FlagWatch watch) {
        this.rules = rules;
        this.watch = watch;
    }

    /** Who looks, where, and what was acknowledged before. */
    record Viewer(HookRequest request, List<Acknowledgement> acknowledged, Instant now) {}

    /** The indicator of the card; empty when no card is to be shown. */
    Optional<Indicator> of(PatientFinding finding, Viewer viewer) {
        if (!finding.production() || finding.humanRead() != null || isSilenced(finding, viewer)) {
            return Optional.empty();
        }
        Duration age = Duration.between(finding.openSince(), viewer.now());
        return switch (finding.result()) {
            case PatientFinding.Negative _ -> Optional.empty();
            case PatientFinding.NotAnalyzed _ ->
                isWithin(age, rules.warningFor()) ? Optional.of(Indicator.INFO) : Optional.empty();
            case PatientFinding.Positive _ -> positive(age, isAcknowledged(finding, viewer));
        };
    }

    private Optional<Indicator> positive(Duration age, boolean acknowledged) {
        if (isWithin(age, rules.criticalFor())) {
            return Optional.of(acknowledged || watch.isBelowFloor() ? Indicator.WARNING : Indicator.CRITICAL);
        }
        if (isWithin(age, rules.warningFor())) {
            return Optional.of(acknowledged ? Indicator.INFO : Indicator.WARNING);
        }
        return isWithin(age, rules.infoFor()) && !acknowledged ? Optional.of(Indicator.INFO) : Optional.empty();
    }

    /** This person gave feedback a short time ago. */
    private boolean isSilenced(PatientFinding finding, Viewer viewer) {
        Instant since = viewer.now().minus(rules.silentAfterFeedback());
        return flags(finding, viewer)
                .anyMatch(a -> a.userId().equals(viewer.request().userId()) && a.at().isAfter(since));
    }

    /** This person gave feedback at any time, or somebody did in this encounter. */
    private static boolean isAcknowledged(PatientFinding finding, Viewer viewer) {
        String encounter = viewer.request().encounterId();
        return flags(finding, viewer)
                .anyMatch(a -> a.userId().equals(viewer.request().userId())
                        || encounter != null && encounter.equals(a.encounterId()));
    }

    private static java.util.stream.Stream<Acknowledgement> flags(PatientFinding finding, Viewer viewer) {
        CardTopic topic = new CardTopic(CardTopic.Kind.FLAG, finding.jobId(), null);
        Instant again =
                finding.openAgainAt(); // what was said of the flag before that was said of another state of things
        return viewer.acknowledged().stream()
                .filter(a -> a.topic().equals(topic) && (again == null || a.at().isAfter(again)));
    }

    private static boolean isWithin(Duration age, Duration limit) {
        return age.compareTo(limit) <= 0;
    }
}
