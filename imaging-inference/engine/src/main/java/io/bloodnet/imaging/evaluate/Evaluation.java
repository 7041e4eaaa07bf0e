package io.bloodnet.imaging.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import io.bloodnet.imaging.folder.BadFolderException;
import io.bloodnet.imaging.geometry.SlicePlace;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudyAnalyzer.MaskDraft;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs the network over a folder of labelled studies and tells how good it is there. Studies that are not analyzed are counted and left
 * out of the figures: they never look like negative ones. One thread calls; studies go one after the other.
 */
public final class Evaluation {

    private static final int WORST_CASES = 8;
    private static final int PROGRESS_EVERY = 5;
    private static final int CALIBRATION_BINS = 10;
    private static final double[] VOLUME_BINS_ML = {0, 1, 5, 30, 5_000};
    private static final double[] THRESHOLDS = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

    /** Names of a SEG that never leaves this process. */
    private static final String SEG_UID = "2.25.1";

    private static final String SERIES_UID = "2.25.2";

    private final BloodNet net;
    private final BloodNetAnalyzer.Limits limits;
    private final long seed;
    private final PrintStream print;
    private final List<Scored> scored = new ArrayList<>();
    private final ObjectNode json = new ObjectMapper().createObjectNode();
    private int notAnalyzed;

    /**
     * @param limits as studies are analyzed with
     * @param seed of the resampling behind the interval
     */
    public Evaluation(BloodNet net, BloodNetAnalyzer.Limits limits, long seed, PrintStream print) {
        this.net = net;
        this.limits = limits;
        this.seed = seed;
        this.print = print;
    }

    /**
     * Evaluates, prints the tables, and writes {@code evaluation.json}, {@code roc.svg}, {@code calibration.svg} and the worst cases'
     * pictures.
     *
     * @param data holds one folder for each study
     * @param masks holds {@code STUDY.dcm}, a BINARY DICOM SEG, or a NIfTI-1 volume {@code STUDY.nii} or {@code STUDY.nii.gz} for the
     *     studies that an expert has segmented; null for none
     * @param out is made when it is not there
     * @throws BadLabelsException when the labels cannot be used, or hold no study with or none without hemorrhage that was analyzed
     */
    public void run(Path data, Path labels, @Nullable Path masks, Path out) throws IOException {
        List<Label> all = Label.read(labels);
        AnalyzeFolder analyze = new AnalyzeFolder(net, limits);
        for (Label label : all) {
            score(analyze, data.resolve(label.study()), masks, label);
            progress(all.size());
        }
        if (Double.isNaN(Discrimination.auc(scored))) {
            throw new BadLabelsException(
                    "studies of both kinds are needed; analyzed were " + scored.size() + " of " + all.size());
        }
        Files.createDirectories(out);
        overall(all.size());
        thresholds();
        groups();
        volumes();
        masks();
        Files.writeString(out.resolve("evaluation.json"), json.toPrettyString() + "\n");
        Files.writeString(out.resolve("roc.svg"), Plots.roc(Discrimination.roc(scored), Discrimination.auc(scored)));
        Files.writeString(out.resolve("calibration.svg"), Plots.calibration(calibration()));
        worstCases(out);
    }

    private void progress(int studies) {
        int done = scored.size() + notAnalyzed;
        if (done % PROGRESS_EVERY == 0 && done < studies) {
            print.println(done + " of " + studies + " studies");
        }
    }

    private void score(AnalyzeFolder analyze, Path folder, @Nullable Path masks, Label label) throws IOException {
        AnalyzeFolder.Result result;
        try {
            result = analyze.analyze(folder);
        } catch (BadFolderException e) {
            notAnalyzed(label, e.getMessage());
            return;
        }
        Analysis analysis = result.analysis();
        switch (analysis.finding()) {
            case Finding.Analyzed f -> {
                scored.add(new Scored(
                        label, f.probability(), f.bloodVolumeMl(), dice(result, masks, label), analysis.keyImagePng()));
                analyzed(label, f);
            }
            case Finding.NotAnalyzed f -> notAnalyzed(label, f.detail());
        }
    }

    /** What a study was judged on goes beside its score: a figure over pieces of heads is not one over heads. */
    private void analyzed(Label label, Finding.Analyzed f) {
        ObjectNode row = json.withArray("cases")
                .addObject()
                .put("study", label.study())
                .put("status", f.positive() ? "positive" : "negative")
                .put("probability", f.probability())
                .put("bloodVolumeMl", f.bloodVolumeMl())
                .put("coverageMm", f.coverageMm());
        f.flags().forEach(flag -> row.withArray("flags").add(flag.words()));
        if (f.flags().isEmpty()) {
            row.putArray("flags");
        }
    }

    private void notAnalyzed(Label label, @Nullable String why) {
        notAnalyzed++;
        print.println("not analyzed: " + label.study() + ": " + why);
        json.withArray("cases")
                .addObject()
                .put("study", label.study())
                .put("status", "not_analyzed")
                .put("reason", why);
    }

    /** A mask that cannot be used is said and left out; a study without blood in either mask has no overlap to speak of. */
    private @Nullable Double dice(AnalyzeFolder.Result result, @Nullable Path masks, Label label) throws IOException {
        try {
            ExpertMask expert = expertMask(masks, label, result.slices());
            if (expert == null) {
                return null;
            }
            MaskDraft draft = result.analysis().mask();
            ExpertMask ours =
                    draft == null ? ExpertMask.EMPTY : ExpertMask.read(draft.toSeg(SEG_UID, SERIES_UID, Instant.EPOCH));
            return expert.voxels() + ours.voxels() == 0 ? null : ours.dice(expert);
        } catch (BadMaskException e) {
            print.println("mask not compared: " + label.study() + ": " + e.getMessage());
            return null;
        }
    }

    private static @Nullable ExpertMask expertMask(@Nullable Path masks, Label label, List<SlicePlace> slices)
            throws IOException {
        if (masks == null) {
            return null;
        }
        Path seg = masks.resolve(label.study() + ".dcm");
        if (Files.exists(seg)) {
            return ExpertMask.read(seg);
        }
        for (String ending : List.of(".nii", ".nii.gz")) {
            Path nifti = masks.resolve(label.study() + ending);
            if (Files.exists(nifti)) {
                return NiftiMask.read(nifti, slices);
            }
        }
        return null;
    }

    private void overall(int studies) {
        Discrimination.Figure auc = Discrimination.aucWithInterval(scored, seed);
        print.printf(
                Locale.ROOT,
                "%d studies, %d analyzed, %d with hemorrhage; AUC %.3f (95 %% %.3f to %.3f)%n",
                studies,
                scored.size(),
                scored.stream().filter(s -> s.label().hemorrhage()).count(),
                auc.value(),
                auc.low(),
                auc.high());
        json.put("model", net.model().id())
                .put("version", net.model().version())
                .put("sha256", net.model().sha256())
                .put("studies", studies)
                .put("analyzed", scored.size())
                .put("notAnalyzed", notAnalyzed)
                .put("seed", seed);
        put(json.putObject("auc"), auc);
    }

    private void thresholds() {
        print.println("threshold  sensitivity (95 %)      specificity (95 %)");
        row(net.threshold(), " <- operating point");
        for (double threshold : THRESHOLDS) {
            row(threshold, "");
        }
    }

    private void row(double threshold, String note) {
        Discrimination.Figure sensitivity = Discrimination.right(scored, true, threshold);
        Discrimination.Figure specificity = Discrimination.right(scored, false, threshold);
        print.printf(
                Locale.ROOT,
                "%9.3f  %.3f (%.3f to %.3f)  %.3f (%.3f to %.3f)%s%n",
                threshold,
                sensitivity.value(),
                sensitivity.low(),
                sensitivity.high(),
                specificity.value(),
                specificity.low(),
                specificity.high(),
                note);
        ObjectNode row = json.withArray("thresholds").addObject().put("threshold", threshold);
        put(row.putObject("sensitivity"), sensitivity);
        put(row.putObject("specificity"), specificity);
    }

    /** Sensitivity by subtype and by volume at the operating point. */
    private void groups() {
        TreeSet<String> subtypes = new TreeSet<>();
        scored.forEach(s -> subtypes.addAll(s.label().subtypes()));
        for (String subtype : subtypes) {
            group(subtype, s -> s.label().subtypes().contains(subtype));
        }
        for (int bin = 0; bin + 1 < VOLUME_BINS_ML.length; bin++) {
            double from = VOLUME_BINS_ML[bin];
            double to = VOLUME_BINS_ML[bin + 1];
            group(String.format(Locale.ROOT, "%.0f to %.0f mL", from, to), s -> {
                Double ml = s.label().volumeMl();
                return ml != null && ml >= from && ml < to;
            });
        }
    }

    private void group(String name, Predicate<Scored> member) {
        List<Scored> group = scored.stream()
                .filter(s -> s.label().hemorrhage())
                .filter(member)
                .toList();
        if (!group.isEmpty()) {
            Discrimination.Figure sensitivity = Discrimination.right(group, true, net.threshold());
            print.printf(
                    Locale.ROOT,
                    "%s: sensitivity %.3f (%.3f to %.3f) of %d%n",
                    name,
                    sensitivity.value(),
                    sensitivity.low(),
                    sensitivity.high(),
                    group.size());
            put(json.withArray("groups").addObject().put("name", name).put("studies", group.size()), sensitivity);
        }
    }

    /** Bland and Altman: mean difference and the limits that hold 95 % of them. */
    private void volumes() {
        double[] differences = scored.stream()
                .filter(s -> s.label().volumeMl() != null)
                .mapToDouble(s -> s.bloodMl() - Objects.requireNonNull(s.label().volumeMl()))
                .toArray();
        if (differences.length < 2) {
            return;
        }
        double bias = Arrays.stream(differences).average().orElse(0);
        double variance =
                Arrays.stream(differences).map(d -> (d - bias) * (d - bias)).sum() / (differences.length - 1);
        double reach = 1.96 * Math.sqrt(variance);
        print.printf(
                Locale.ROOT,
                "volume, ours minus told: bias %.2f mL, limits %.2f to %.2f mL, %d studies%n",
                bias,
                bias - reach,
                bias + reach,
                differences.length);
        json.putObject("volumeMl").put("bias", bias).put("low", bias - reach).put("high", bias + reach);
    }

    /** Dice per study: mean with interval, and median. */
    private void masks() {
        double[] dice = scored.stream()
                .map(Scored::dice)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        if (dice.length == 0) {
            return;
        }
        Discrimination.Figure mean = Discrimination.meanWithInterval(dice, seed);
        double median = (dice[(dice.length - 1) / 2] + dice[dice.length / 2]) / 2;
        print.printf(
                Locale.ROOT,
                "mask, ours against the expert's: Dice mean %.3f (95 %% %.3f to %.3f), median %.3f, %d studies%n",
                mean.value(),
                mean.low(),
                mean.high(),
                median,
                dice.length);
        put(json.putObject("dice").put("studies", dice.length).put("median", median), mean);
    }

    private List<double[]> calibration() {
        double[][] sums = new double[CALIBRATION_BINS][3];
        for (Scored s : scored) {
            int bin = Math.min(CALIBRATION_BINS - 1, (int) (s.probability() * CALIBRATION_BINS));
            sums[bin][0] += s.probability();
            sums[bin][1] += s.label().hemorrhage() ? 1 : 0;
            sums[bin][2]++;
        }
        List<double[]> bins = new ArrayList<>();
        for (double[] sum : sums) {
            if (sum[2] > 0) {
                bins.add(new double[] {sum[0] / sum[2], sum[1] / sum[2], sum[2]});
            }
        }
        return bins;
    }

    private void worstCases(Path out) throws IOException {
        List<Scored> worst = scored.stream()
                .sorted(Comparator.comparingDouble(Scored::miss).reversed())
                .limit(WORST_CASES)
                .toList();
        for (int i = 0; i < worst.size(); i++) {
            byte[] png = worst.get(i).keyImagePng();
            if (png != null) {
                String kind = worst.get(i).label().hemorrhage() ? "with" : "without";
                Files.write(out.resolve("worst-" + (i + 1) + "-" + kind + "-hemorrhage.png"), png);
            }
        }
    }

    private static void put(ObjectNode node, Discrimination.Figure figure) {
        node.put("value", figure.value()).put("low", figure.low()).put("high", figure.high());
    }
}
