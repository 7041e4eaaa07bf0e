package io.bloodnet.imaging.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdgeLettersTest {

    /** Left, right, top, bottom: a slice whose rows or columns run the other way has the patient's sides swapped, and says so. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1 0 0 0 1 0; RLAP",
                "-1 0 0 0 1 0; LRAP",
                "1 0 0 0 -1 0; RLPA",
                "-1 0 0 0 -1 0; LRPA",
                "0 1 0 1 0 0; APRL",
                "0 -1 0 -1 0 0; PALR",
                "0.98 0.17 0 -0.17 0.98 0; RLAP",
                "1 0 0 0 0 -1; RLHF",
                "0 0 0 0 1 0; ????",
                "1 0 0 1 0 0; ????",
                "NaN 0 0 0 1 0; ????",
                "1 0 0; ????"
            })
    void names_the_side_at_each_edge(String cosines, String letters) {
        double[] values = Arrays.stream(cosines.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertThat(EdgeLetters.of(values)).isEqualTo(letters);
    }
}
