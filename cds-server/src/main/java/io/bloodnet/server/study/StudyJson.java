package io.bloodnet.server.study;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.finding.ImageNotes;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.job.Job;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A study as the page reads it. It holds patient data: for clinicians only. */
final class StudyJson {

    private StudyJson() {}

    static ObjectNode of(StudyRecords.View view) {
        Job job = view.job();
        ObjectNode node = JsonAnswers.object();
        node.put("jobId", job.id());
        node.put("state", job.state().name());
        node.put("reason", job.reason());
        node.put("inDoubt", job.inDoubt());
        node.put("suspected", job.hasSuspicion());
        order(node.putObject("order"), job);
        images(node.putObject("images"), job.facts());
        result(node, job.finding(), job.facts());
        timeline(node.putArray("timeline"), job);
        ArrayNode deliveries = node.putArray("deliveries");
        view.deliveries()
                .forEach(sent -> deliveries
                        .addObject()
                        .put("destination", sent.destination())
                        .put("kind", sent.kind().toLowerCase(Locale.ROOT).replace('_', ' '))
                        .put("state", sent.state().toLowerCase(Locale.ROOT))
                        .put("attempts", sent.attempts())
                        .put("said", sent.resultCode())
                        .put("createdAt", text(sent.createdAt()))
                        .put("endedAt", text(sent.endedAt())));
        view.seen()
                .ifPresent(seen -> node.putObject("seen").put("by", seen.name()).put("at", text(seen.at())));
        ArrayNode opinions = node.putArray("opinions");
        view.opinions()
                .forEach(said -> opinions.addObject()
                        .put("by", said.name())
                        .put("agrees", said.agrees())
                        .put("reason", said.reason())
                        .put("note", said.note())
                        .put("at", text(said.at()))
                        .put("current", said.current()));
        return node;
    }

    private static void order(ObjectNode node, Job job) {
        var order = job.order();
        patient(node, order.patient());
        node.put(
                "accession",
                order.key().accession() == null ? null : order.key().accession().value());
        node.put(
                "studyUid",
                order.key().studyUid() == null ? null : order.key().studyUid().value());
        node.put("priority", order.priority().name());
    }

    private static void images(ObjectNode node, @Nullable StudyFacts facts) {
        if (facts == null) {
            return;
        }
        if (facts.patient() != null) {
            patient(node, facts.patient());
        }
        node.put(
                "accession",
                facts.accession() == null ? null : facts.accession().value());
        node.put("acquiredAt", text(facts.acquiredAt()));
        node.put("series", facts.seriesDescription());
        node.put("thicknessMm", facts.sliceThicknessMm());
        node.put("slicesStored", facts.sourceSliceCount());
        node.put("analyzedThicknessMm", facts.analyzedThicknessMm());
    }

    private static void patient(ObjectNode node, Patient patient) {
        String name = Stream.of(patient.familyName(), patient.givenName())
                .filter(part -> part != null && !part.isBlank())
                .collect(Collectors.joining(", "));
        node.put("name", name.isEmpty() ? null : name);
        node.put("mrn", patient.id().value());
        node.put(
                "born", patient.birthDate() == null ? null : patient.birthDate().toString());
        node.put("sex", patient.sex().name().toLowerCase(Locale.ROOT));
    }

    private static void result(ObjectNode node, @Nullable Finding finding, @Nullable StudyFacts facts) {
        ArrayNode slices = node.putArray("slices");
        switch (finding) {
            case Finding.Analyzed a -> {
                FindingNumbers numbers = FindingNumbers.of(a);
                ObjectNode result = node.putObject("result");
                result.put("positive", a.positive());
                result.put("probability", numbers.probability().toPlainString());
                result.put("threshold", numbers.threshold().toPlainString());
                result.put("volume", numbers.volumeText());
                result.put("model", a.model().id() + " " + a.model().version());
                result.put("coverageMm", a.coverageMm());
                result.put("slicesLeftOut", a.slicesLeftOut());
                ArrayNode flags = result.putArray("flags");
                ImageNotes.of(a, facts == null ? StudyFacts.unknown() : facts).forEach(flags::add);
                a.slices()
                        .forEach(slice -> slices.addObject()
                                .put("probability", slice.probability())
                                .put("bloodMl", slice.bloodMl())
                                .put("over", slice.probability() >= a.threshold()));
            }
            case Finding.NotAnalyzed n -> node.put("notAnalyzed", n.detail());
            case null -> {}
        }
    }

    private static void timeline(ArrayNode steps, Job job) {
        step(steps, "ordered", job.order().orderedAt());
        step(steps, "accepted here", job.acceptedAt());
        step(steps, "images complete", job.imagesCompleteAt());
        step(steps, "all receivers have it", job.reportedAt());
        step(
                steps,
                Boolean.TRUE.equals(job.humanSays())
                        ? "read by a person: hemorrhage"
                        : Boolean.FALSE.equals(job.humanSays())
                                ? "read by a person: no hemorrhage"
                                : "read by a person (not coded what it says)",
                job.humanReadAt());
    }

    private static void step(ArrayNode steps, String what, @Nullable Instant at) {
        if (at != null) {
            steps.addObject().put("what", what).put("at", text(at));
        }
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}
