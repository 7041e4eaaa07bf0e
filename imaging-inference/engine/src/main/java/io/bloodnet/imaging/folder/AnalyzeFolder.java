package io.bloodnet.imaging.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.geometry.SlicePlace;
import io.bloodnet.imaging.series.Candidate;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudySource;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One study from a folder: what {@code ./bloodnet analyze} does. Safe for many threads. */
public final class AnalyzeFolder {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final BloodNet net;
    private final BloodNetAnalyzer.Limits limits;

    public AnalyzeFolder(BloodNet net, BloodNetAnalyzer.Limits limits) {
        this.net = net;
        this.limits = limits;
    }

    /**
     * The analysis, and how long it took from the first file on.
     *
     * @param totalMs from the scan of the folder to the finding, ms
     * @param slices of the chosen series; empty when none was chosen
     */
    public record Result(Analysis analysis, long totalMs, List<SlicePlace> slices) {
        public Result {
            slices = List.copyOf(slices);
        }
    }

    /** @throws BadFolderException when the folder is not one study; its message is one line for a person */
    public Result analyze(Path folder) {
        long start = System.nanoTime();
        FolderStudy study = FolderStudy.scan(folder, limits.dicom());
        long scanMs = millisSince(start);
        Analysis analysis = study.damaged() > 0 ? damaged(study) : analyze(study, scanMs);
        return new Result(
                analysis, millisSince(start), study.places(analysis.finding().seriesUid()));
    }

    private Analysis analyze(FolderStudy study, long scanMs) {
        Analysis analysis = new BloodNetAnalyzer(study, net, limits, ZoneId.systemDefault()).analyze(study.listing());
        return switch (analysis.finding()) {
            case Finding.NotAnalyzed _ -> analysis;
            case Finding.Analyzed found ->
                new Analysis(
                        withScan(found, scanMs),
                        analysis.facts(),
                        analysis.instances(),
                        analysis.bytes(),
                        analysis.mask(),
                        analysis.keyImagePng(),
                        analysis.firm());
        };
    }

    /** Reading began with the scan. */
    private static Finding.Analyzed withScan(Finding.Analyzed f, long scanMs) {
        Finding.Timing t = f.timing();
        return f.timed(new Finding.Timing(t.readMs() + scanMs, t.inferenceMs(), t.totalMs() + scanMs));
    }

    /** A damaged file may be the slice with the bleed, and its series cannot be known: nothing is said. */
    private static Analysis damaged(FolderStudy study) {
        NotAnalyzedReason reason = NotAnalyzedReason.INCOMPLETE;
        StudySource.StudyListing listing = study.listing();
        String seriesUid = SeriesSelection.select(study.headers(listing)).candidates().stream()
                .findFirst()
                .map(Candidate::seriesUid)
                .orElse(null);
        Finding finding = new Finding.NotAnalyzed(
                listing.studyUid(), seriesUid, reason, reason.sentence() + ": " + study.damaged() + " damaged files");
        return new Analysis(finding, StudyFacts.unknown(), 0, 0);
    }

    /** One line of JSON in the form that scripts rely on; all keys are always there. */
    public String json(Result result) {
        ObjectNode json = JSON.createObjectNode();
        Finding finding = result.analysis().finding();
        json.put("studyInstanceUid", finding.studyUid().value());
        json.put("seriesInstanceUid", finding.seriesUid());
        ArrayNode slices = JSON.createArrayNode();
        ObjectNode timing = JSON.createObjectNode();
        switch (finding) {
            case Finding.Analyzed f -> {
                json.put("status", f.positive() ? "positive" : "negative");
                json.putNull("reason");
                json.put("probability", f.probability());
                json.put("bloodVolumeMl", f.bloodVolumeMl());
                f.slices()
                        .forEach(slice -> slices.addObject()
                                .put("sopInstanceUid", slice.sopInstanceUid())
                                .put("frame", slice.frame() == 0 ? null : slice.frame())
                                .put("probability", slice.probability()));
                timing.put("readMs", f.timing().readMs())
                        .put("inferenceMs", f.timing().inferenceMs())
                        .put("totalMs", f.timing().totalMs());
            }
            case Finding.NotAnalyzed f -> {
                json.put("status", "not_analyzed");
                json.put("reason", f.detail());
                json.putNull("probability");
                json.putNull("bloodVolumeMl");
                timing.put("readMs", result.totalMs()).put("inferenceMs", 0).put("totalMs", result.totalMs());
            }
        }
        json.put("threshold", net.threshold());
        json.set("slices", slices);
        json.putObject("model")
                .put("id", net.model().id())
                .put("version", net.model().version())
                .put("sha256", net.model().sha256());
        json.set("timing", timing);
        ArrayNode flags = json.putArray("flags");
        switch (finding) {
            case Finding.Analyzed f -> {
                f.flags().forEach(flag -> flags.add(flag.words()));
                json.put("coverageMm", f.coverageMm());
                json.put("slicesLeftOut", f.slicesLeftOut());
                StudyFacts facts = result.analysis().facts();
                json.put("slicesStored", facts.sourceSliceCount());
                json.put("storedThicknessMm", facts.sliceThicknessMm());
                json.put("analyzedThicknessMm", facts.analyzedThicknessMm());
                ArrayNode also = json.putArray("alsoAnalyzed");
                f.alsoAnalyzed()
                        .forEach(other -> also.addObject()
                                .put("seriesInstanceUid", other.seriesUid())
                                .put("slices", other.slices())
                                .put("probability", other.probability())
                                .put("bloodVolumeMl", other.bloodVolumeMl()));
            }
            case Finding.NotAnalyzed _ -> {
                json.putNull("coverageMm");
                json.putNull("slicesLeftOut");
                json.putNull("slicesStored");
                json.putNull("storedThicknessMm");
                json.putNull("analyzedThicknessMm");
                json.putArray("alsoAnalyzed");
            }
        }
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of our own cannot be written", e);
        }
    }

    private static long millisSince(long startNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }
}
