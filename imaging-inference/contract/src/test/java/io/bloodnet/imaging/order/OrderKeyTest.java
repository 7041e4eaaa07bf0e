package io.bloodnet.imaging.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OrderKeyTest {

    private static OrderKey placer(String number, String namespace) {
        return new OrderKey(null, null, number, namespace, null, null, null);
    }

    @Test
    void a_number_of_two_systems_makes_two_keys() {
        assertThat(placer("1", "EPIC")).isNotEqualTo(placer("1", "RIS"));
        assertThat(placer("1", " "))
                .as("a blank namespace was not said")
                .isEqualTo(new OrderKey(null, null, "1", null));
    }

    @Test
    void a_namespace_without_its_number_is_left_out() {
        assertThat(new OrderKey(null, null, "1", null, null, "RIS", null).fillerNamespace())
                .isNull();
    }

    @Test
    void a_namespace_that_is_too_long_is_refused_by_name_and_limit() {
        assertThatThrownBy(() -> placer("1", "N".repeat(201)))
                .hasMessage("namespace of the placer number has 201 characters, the limit is 200");
    }

    @Test
    void a_key_tells_nothing_of_the_patient_in_a_log() {
        assertThat(placer("4711", null).about(new PatientId("MRN1", null)).toString())
                .doesNotContain("4711")
                .doesNotContain("MRN1");
    }
}
