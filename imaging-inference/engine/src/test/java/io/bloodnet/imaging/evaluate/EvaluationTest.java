package io.bloodnet.imaging.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.study.PhantomFolders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {

    @TempDir
    Path folder;

    private static Scored scored(boolean hemorrhage, double probability) {
        return new Scored(new Label("s", hemorrhage, List.of(), null), probability, 0, null, null);
    }

    @Test
    void area_under_the_curve_counts_pairs_and_half_of_ties() {
        List<Scored> studies = List.of(
                scored(true, 0.9), scored(true, 0.5), scored(false, 0.5), scored(false, 0.1), scored(false, 0.95));
        // Of six pairs: two won by 0.9, one tied and one won by 0.5.
        assertThat(Discrimination.auc(studies)).isCloseTo(3.5 / 6, offset(1e-12));
        assertThat(Discrimination.auc(studies.subList(0, 2))).isNaN();
    }

    @Test
    void interval_is_the_same_for_the_same_seed_and_holds_the_value() {
        List<Scored> studies = List.of(scored(true, 0.9), scored(true, 0.3), scored(false, 0.5), scored(false, 0.1));
        Discrimination.Figure figure = Discrimination.aucWithInterval(studies, 5);

        assertThat(figure).isEqualTo(Discrimination.aucWithInterval(studies, 5));
        assertThat(figure.value()).isBetween(figure.low(), figure.high());
        Discrimination.Figure wilson = Discrimination.wilson(8, 10);
        assertThat(wilson.low()).isCloseTo(0.490, offset(0.001));
        assertThat(wilson.high()).isCloseTo(0.943, offset(0.001));
    }

    @Test
    void evaluates_labelled_folders_and_counts_what_cannot_be_analyzed_apart() throws IOException {
        PhantomFolders.write(folder.resolve("large"), 60);
        PhantomFolders.write(folder.resolve("small"), 24);
        PhantomFolders.write(folder.resolve("clean"), 0);
        Files.createDirectories(folder.resolve("empty"));
        Path labels = Files.writeString(
                folder.resolve("labels.csv"),
                "study,ich,subtypes,volume_ml\nlarge,1,subdural|intraparenchymal,7.29\nsmall,1,subdural,1.1664\nclean,0,,0\nempty,0,,\n");
        Path masks = Files.createDirectories(folder.resolve("masks"));
        PhantomFolders.writeMask(masks.resolve("large.dcm"), 30);
        PhantomFolders.writeMask(masks.resolve("small.dcm"), 24);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Path out = folder.resolve("out");
        try (BloodNet net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 2))) {
            new Evaluation(net, PhantomFolders.LIMITS, 1, new PrintStream(printed, true, StandardCharsets.UTF_8))
                    .run(folder, labels, masks, out);
        }
        JsonNode json =
                new ObjectMapper().readTree(out.resolve("evaluation.json").toFile());
        assertThat(json.get("analyzed").asInt()).isEqualTo(3);
        assertThat(json.get("notAnalyzed").asInt()).isEqualTo(1);
        assertThat(json.get("cases")).hasSize(4);
        assertThat(json.get("cases").get(0).get("coverageMm").asDouble()).isEqualTo(100.0);
        assertThat(json.get("cases").get(0).get("flags")).isEmpty();
        assertThat(json.get("cases").get(3).get("status").asText()).isEqualTo("not_analyzed");
        assertThat(json.get("auc").get("value").asDouble()).isEqualTo(1.0);
        assertThat(json.get("volumeMl").get("bias").asDouble()).isCloseTo(0, offset(1e-6));
        // The expert drew a quarter of the large square: 2 x 900 / (3600 + 900); the small one agrees.
        assertThat(json.get("dice").get("studies").asInt()).isEqualTo(2);
        assertThat(json.get("dice").get("value").asDouble()).isCloseTo((0.4 + 1) / 2, offset(1e-9));
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("not analyzed: empty", "subdural: sensitivity");
        assertThat(out.resolve("roc.svg")).content().contains("<polyline").doesNotContain("NaN");
        assertThat(out.resolve("calibration.svg")).content().contains("<circle");
        assertThat(out.resolve("worst-1-with-hemorrhage.png")).exists();
    }

    @Test
    void overlap_of_masks_counts_voxels_of_the_same_slices() throws IOException {
        Path small = folder.resolve("small.dcm");
        Path large = folder.resolve("large.dcm");
        PhantomFolders.writeMask(small, 10);
        PhantomFolders.writeMask(large, 20);
        ExpertMask tenth = ExpertMask.read(small);

        assertThat(tenth.voxels()).isEqualTo(2 * 10 * 10);
        assertThat(tenth.dice(tenth)).isEqualTo(1);
        assertThat(tenth.dice(ExpertMask.read(large))).isCloseTo(2 * 200 / 1000.0, offset(1e-12));
        assertThat(tenth.dice(ExpertMask.EMPTY)).isZero();
        assertThatExceptionOfType(BadMaskException.class)
                .isThrownBy(() -> tenth.dice(new ExpertMask(8, 8, tenth.blood())))
                .withMessageContaining("size");
    }

    @Test
    void refuses_a_mask_that_is_cut_or_no_segmentation() throws IOException {
        Path mask = folder.resolve("mask.dcm");
        PhantomFolders.writeMask(mask, 10);
        byte[] whole = Files.readAllBytes(mask);
        PhantomFolders.write(folder.resolve("study"), 10);
        byte[] slice = Files.readAllBytes(folder.resolve("study").resolve("0.dcm"));

        for (byte[] bad : List.of(Arrays.copyOf(whole, whole.length / 2), slice, new byte[10])) {
            assertThatExceptionOfType(BadMaskException.class).isThrownBy(() -> ExpertMask.read(bad));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "study,ich",
                "name,ich\na,1",
                "study,ich\n../a,1",
                "study,ich\na,2",
                "study,ich\na,1\na,0",
                "study,ich,volume_ml\na,1,much",
                "study,ich,volume_ml\na,1,-1"
            })
    void refuses_labels_that_cannot_be_used(String csv) throws IOException {
        Path labels = Files.writeString(folder.resolve("labels.csv"), csv);
        assertThatExceptionOfType(BadLabelsException.class).isThrownBy(() -> Label.read(labels));
    }

    @Test
    void reads_labels_as_spreadsheets_write_them() throws IOException {
        List<Label> expected =
                List.of(new Label("a", true, List.of("subdural"), 12.5), new Label("b", false, List.of(), null));
        for (String csv : List.of(
                "study,ich,subtypes,volume_ml\na,1,subdural,12.5\nb,0,,\n",
                "\uFEFFStudy,ICH,subtypes,volume_ml\r\na,1,subdural,12.5\r\n\r\nb,0\r\n",
                "\uFEFFstudy;ich;subtypes;volume_ml\r\na;1;subdural;12.5\r\nb;0;;\r\n")) {
            assertThat(Label.read(Files.writeString(folder.resolve("labels.csv"), csv)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void refuses_labels_that_are_no_text() throws IOException {
        Path labels = Files.write(folder.resolve("labels.csv"), new byte[] {'s', (byte) 0xFC, 'd', '\n', 'a', '\n'});
        assertThatExceptionOfType(BadLabelsException.class)
                .isThrownBy(() -> Label.read(labels))
                .withMessageContaining("UTF-8");
    }
}
