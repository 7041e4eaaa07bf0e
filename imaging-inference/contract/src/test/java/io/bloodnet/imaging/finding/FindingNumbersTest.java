package io.bloodnet.imaging.finding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingNumbersTest {

    @ParameterizedTest
    @CsvSource({
        "0.93, 0.5, 0.9300, 0.5000",
        "0.999997, 0.4857, 0.9999, 0.4857",
        "1.0, 0.4857, 0.9999, 0.4857",
        "0.00000001, 0.4857, 0.0001, 0.4857",
        "0.0, 0.4857, 0.0001, 0.4857",
        "0.48570001, 0.4857, 0.48570001, 0.48570000",
        "0.48569999, 0.4857, 0.48569999, 0.48570000",
        "0.4857, 0.4857, 0.4857, 0.4857",
        "0.999995, 0.99999, 0.999995, 0.999990",
        "0.3, 0.00002, 0.30000, 0.00002"
    })
    void score_and_threshold_have_digits_enough_to_differ_and_never_read_as_certain(
            double probability, double threshold, String score, String limit) {
        FindingNumbers numbers = FindingNumbers.of(probability, threshold, 3);

        assertThat(numbers.probability().toPlainString()).isEqualTo(score);
        assertThat(numbers.threshold().toPlainString()).isEqualTo(limit);
    }

    @Test
    void what_is_told_is_on_the_same_side_of_the_threshold_as_what_was_computed() {
        long seed = Long.getLong("seed", 11);
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            double threshold = 0.001 + 0.998 * random.nextDouble();
            double near = threshold + (random.nextDouble() - 0.5) * Math.pow(10, -random.nextInt(12));
            double probability = Math.clamp(near, 0, 1);
            FindingNumbers numbers = FindingNumbers.of(probability, threshold, 0);
            assertThat(Integer.signum(numbers.probability().compareTo(numbers.threshold())))
                    .as("seed %d: %s at %s", seed, probability, threshold)
                    .isEqualTo(Double.compare(probability, threshold));
        }
    }

    @Test
    void a_suspicion_without_an_outline_has_no_volume_and_a_little_blood_is_not_none() {
        assertThat(FindingNumbers.of(0.9, 0.5, 0).volumeMl()).isNull();
        assertThat(FindingNumbers.of(0.9, 0.5, 0).volumeText()).isEqualTo("unknown, no blood outlined");
        assertThat(FindingNumbers.of(0.1, 0.5, 0).volumeText()).isEqualTo("0.0 mL");
        assertThat(FindingNumbers.of(0.9, 0.5, 0.0012).volumeText()).isEqualTo("less than 0.1 mL");
        assertThat(FindingNumbers.of(0.9, 0.5, 0.0012).volumeMl()).isEqualByComparingTo("0.01");
        assertThat(FindingNumbers.of(0.9, 0.5, 17.55).volumeText()).isEqualTo("17.6 mL");
    }
}
