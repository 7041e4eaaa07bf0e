package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ExecutionProvider;
import io.bloodnet.imaging.bloodnet.TestNetwork;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.folder.AnalyzeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that are no Hounsfield units of a head are refused, whatever the network would say of them. */
class ImpossibleHuTest {

    private static BloodNet net;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        net = BloodNet.open(
                TestNetwork.bundle(TestNetwork.Probability.BY_VOLUME),
                new BloodNet.Settings(ExecutionProvider.CPU, 2, 2));
    }

    @AfterAll
    static void close() {
        net.close();
    }

    /** The head's brain has 30 HU and its air -1000 with slope 1 and intercept -1024. */
    private Finding analyze(double slope, double intercept) throws IOException {
        List<byte[]> files = Phantom.plain()
                .with(b -> b.decimal(Tag.RESCALE_SLOPE, Vr.DS, slope).decimal(Tag.RESCALE_INTERCEPT, Vr.DS, intercept))
                .files();
        for (int i = 0; i < files.size(); i++) {
            Files.write(folder.resolve(i + ".dcm"), files.get(i));
        }
        return new AnalyzeFolder(net, BloodNetAnalyzer.Limits.DEFAULT)
                .analyze(folder)
                .analysis()
                .finding();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0", // no rescale at all: nothing is air
        "1, -974", // brain of 80 HU
        "0.5, -512", // half of everything: air of -500 HU
    })
    void no_air_or_a_brain_of_another_density_is_refused(double slope, double intercept) throws IOException {
        Finding finding = analyze(slope, intercept);
        assertThat(finding).isInstanceOf(Finding.NotAnalyzed.class);
        assertThat(((Finding.NotAnalyzed) finding).reason()).isEqualTo(NotAnalyzedReason.IMPOSSIBLE_HU);
    }

    @Test
    void a_scanner_that_is_ten_units_off_is_none_of_that() throws IOException {
        assertThat(analyze(1, -1014)).isInstanceOf(Finding.Analyzed.class);
        assertThat(analyze(1, -1034)).isInstanceOf(Finding.Analyzed.class);
    }
}
