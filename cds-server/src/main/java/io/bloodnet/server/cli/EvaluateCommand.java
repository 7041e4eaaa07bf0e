package io.bloodnet.server.cli;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.ModelBundle;
import io.bloodnet.imaging.evaluate.BadLabelsException;
import io.bloodnet.imaging.evaluate.Evaluation;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bloodnet evaluate}: how the model does on a site's own studies, before it goes live. */
@Command(
        name = "evaluate",
        description =
                "Runs the model over studies with known answers: AUC with interval, threshold table, plots, worst cases.",
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "One folder of DICOM files per study.")
    Path data = Path.of("");

    @Option(
            names = "--labels",
            required = true,
            paramLabel = "CSV",
            description =
                    "Columns study,ich and optionally subtypes and volume_ml; study is the folder's name, ich 0 or 1.")
    Path labels = Path.of("");

    @Option(
            names = "--masks",
            paramLabel = "DIR",
            description =
                    "Experts' masks: BINARY DICOM SEG (STUDY.dcm) or NIfTI (STUDY.nii, STUDY.nii.gz) for each study that has one.")
    @Nullable
    Path masks;

    @Option(
            names = "--out",
            defaultValue = "evaluation",
            paramLabel = "DIR",
            description = "Where figures and plots go (default ${DEFAULT-VALUE}).")
    Path out = Path.of("evaluation");

    @Option(names = "--seed", defaultValue = "1", description = "Of the bootstrap (default ${DEFAULT-VALUE}).")
    long seed;

    @Option(names = "--model", paramLabel = "DIR", description = "Model bundle; the shipped one by default.")
    @Nullable
    Path model;

    @Override
    public Integer call() throws Exception {
        Logs.quiet();
        ModelBundle bundle = ModelBundle.load(model == null ? BloodNetCommand.shippedBundle() : model);
        try (BloodNet net = BloodNet.open(bundle, BloodNet.Settings.defaults(ExecutionProvider.CPU))) {
            new Evaluation(net, BloodNetAnalyzer.Limits.DEFAULT, seed, System.out).run(data, labels, masks, out);
            return 0;
        } catch (BadLabelsException e) {
            System.err.println("bloodnet: " + e.getMessage());
            return 2;
        }
    }
}
