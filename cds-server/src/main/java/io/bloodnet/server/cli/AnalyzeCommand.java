package io.bloodnet.server.cli;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.finding.ImageNotes;
import io.bloodnet.imaging.finding.ResultKey;
import io.bloodnet.imaging.finding.ResultWords;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import io.bloodnet.imaging.folder.BadFolderException;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer.MaskDraft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bloodnet analyze}: studies from disk to stdout, without server and database. */
@Command(
        name = "analyze",
        description = "Analyzes one study per folder. Exit code 0: analyzed, 3: not analyzed, 2: bad input.",
        mixinStandardHelpOptions = true)
final class AnalyzeCommand implements Callable<Integer> {

    private static final int BAD_INPUT = 2;
    private static final int NOT_ANALYZED = 3;

    @Parameters(
            arity = "1..*",
            paramLabel = "DICOM_DIR",
            description = "Folders; each holds the DICOM files of one study.")
    List<Path> folders = List.of();

    @Option(names = "--json", description = "One JSON object per study and line.")
    boolean json;

    @Option(names = "--mask", paramLabel = "OUT.dcm", description = "Writes the mask as DICOM SEG; one folder only.")
    @Nullable
    Path mask;

    @Option(names = "--model", paramLabel = "DIR", description = "Model bundle; the shipped one by default.")
    @Nullable
    Path model;

    @Option(names = "--threshold", paramLabel = "P", description = "Operating point, 0 to 1; the bundle's by default.")
    @Nullable
    Double threshold;

    @Option(
            names = "--minimum-age",
            paramLabel = "YEARS",
            description = "Younger patients are not analyzed, 0 to 120; 18 by default, as the model card says.")
    @Nullable
    Integer minimumAge;

    @Override
    public Integer call() throws IOException {
        Logs.quiet();
        if (mask != null && folders.size() > 1) {
            System.err.println("bloodnet: --mask goes with one folder");
            return BAD_INPUT;
        }
        ModelBundle bundle = ModelBundle.load(model == null ? BloodNetCommand.shippedBundle() : model);
        if (threshold != null) {
            bundle = bundle.withThreshold(threshold);
        }
        int worst = 0;
        try (BloodNet net = BloodNet.open(bundle, BloodNet.Settings.defaults(ExecutionProvider.CPU))) {
            AnalyzeFolder analyze = new AnalyzeFolder(net, limits());
            for (Path folder : folders) {
                int code = one(analyze, folder);
                worst = worst == BAD_INPUT || code == 0 ? worst : code;
            }
        }
        return worst;
    }

    private BloodNetAnalyzer.Limits limits() {
        BloodNetAnalyzer.Limits limits = BloodNetAnalyzer.Limits.DEFAULT;
        return minimumAge == null ? limits : limits.withAgeYearsMin(minimumAge);
    }

    private int one(AnalyzeFolder analyze, Path folder) throws IOException {
        AnalyzeFolder.Result result;
        try {
            result = analyze.analyze(folder);
        } catch (BadFolderException e) {
            System.err.println("bloodnet: " + e.getMessage());
            return BAD_INPUT;
        }
        System.out.println(json ? analyze.json(result) : words(folder, result));
        Finding finding = result.analysis().finding();
        if (mask != null) {
            writeMask(mask, finding, result.analysis().mask());
        }
        return switch (finding) {
            case Finding.Analyzed a -> 0;
            case Finding.NotAnalyzed n -> NOT_ANALYZED;
        };
    }

    private static void writeMask(Path out, Finding finding, @Nullable MaskDraft draft) throws IOException {
        if (draft == null || !(finding instanceof Finding.Analyzed analyzed)) {
            System.err.println("bloodnet: the mask is empty, no file is written");
            return;
        }
        ResultKey key = ResultKey.of(finding, analyzed.model(), null);
        Files.write(out, draft.toSeg(key.uid("seg"), key.uid("seg-series"), Instant.now()));
    }

    private static String words(Path folder, AnalyzeFolder.Result result) {
        return switch (result.analysis().finding()) {
            case Finding.Analyzed a -> folder.getFileName() + ": " + words(a, result);
            case Finding.NotAnalyzed n ->
                folder.getFileName() + ": " + ResultWords.sentence(n) + " (" + n.detail() + ")";
        };
    }

    private static String words(Finding.Analyzed a, AnalyzeFolder.Result result) {
        FindingNumbers numbers = FindingNumbers.of(a);
        List<String> notes = ImageNotes.of(a, result.analysis().facts());
        String flags = notes.isEmpty() ? "" : "; " + String.join(", ", notes);
        return String.format(
                Locale.ROOT,
                "%s; by AI, not reviewed (probability %s, threshold %s, blood volume %s, %d slices, %s %s, %d ms%s)",
                ResultWords.sentence(a),
                numbers.probability().toPlainString(),
                numbers.threshold().toPlainString(),
                numbers.volumeText(),
                a.slices().size(),
                a.model().id(),
                a.model().version(),
                result.totalMs(),
                flags);
    }
}
