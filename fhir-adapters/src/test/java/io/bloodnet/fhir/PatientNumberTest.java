package io.bloodnet.fhir;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.PatientNumber.Kind;
import io.bloodnet.imaging.order.PatientId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a Patient's identifiers are those of an order: number, namespace and type, never the number alone. */
class PatientNumberTest {

    private static final PatientId M1 = new PatientId("M1", "HOSP");
    private static final Map<String, String> LISTED = Map.of("HOSP", "urn:hosp:mrn", "LAB", "urn:lab:mrn");

    private static PatientNumber number(@Nullable String system, String value, Kind kind) {
        return new PatientNumber(system, value, kind);
    }

    private static boolean is(Map<String, String> systems, PatientNumber... numbers) {
        return PatientNumber.anyIs(List.of(numbers), M1, systems);
    }

    @Test
    void an_account_visit_or_insurance_number_is_nobodys_record_number() {
        PatientNumber own = number("urn:hosp:mrn", "M2", Kind.MEDICAL_RECORD);
        for (Map<String, String> systems : List.of(Map.<String, String>of(), LISTED)) {
            assertThat(is(systems, own, number("urn:hosp:account", "M1", Kind.OTHER)))
                    .isFalse();
            assertThat(is(systems, own, number("urn:hosp:mrn", "M1", Kind.OTHER)))
                    .isFalse();
            assertThat(is(systems, number("urn:hosp:account", "M1", Kind.OTHER)))
                    .isFalse();
        }
    }

    @Test
    void a_listed_system_decides_whatever_the_type() {
        assertThat(is(LISTED, number("urn:hosp:mrn", "M1", Kind.NOT_SAID))).isTrue();
        assertThat(is(LISTED, number("urn:hosp:mrn", "M1", Kind.PATIENT))).isTrue();
        assertThat(is(LISTED, number("urn:lab:mrn", "M1", Kind.MEDICAL_RECORD))).isFalse();
        assertThat(is(LISTED, number("urn:hosp:mrn2", "M1", Kind.MEDICAL_RECORD)))
                .isFalse();
    }

    @Test
    void without_a_system_the_type_must_speak_for_the_number() {
        for (Map<String, String> systems : List.of(Map.<String, String>of(), LISTED)) {
            assertThat(is(systems, number(null, "M1", Kind.MEDICAL_RECORD))).isTrue();
            assertThat(is(systems, number(null, "M1", Kind.NOT_SAID))).isFalse();
            assertThat(is(systems, number(null, "M1", Kind.PATIENT))).isFalse();
        }
    }

    @Test
    void where_nothing_is_listed_the_system_that_names_the_authority_counts_alone() {
        PatientNumber other = number("urn:other:mrn", "M1", Kind.MEDICAL_RECORD);
        assertThat(is(Map.of(), number("urn:hosp:mrn", "M1", Kind.NOT_SAID))).isTrue();
        assertThat(is(Map.of(), number("https://hosp.example/mrn", "M1", Kind.NOT_SAID)))
                .isTrue();
        assertThat(is(Map.of(), number("urn:hosp:mrn", "M2", Kind.MEDICAL_RECORD), other))
                .isFalse();
        assertThat(is(Map.of(), other)).as("one system, a record number").isTrue();
        assertThat(is(Map.of(), number("urn:other:mrn", "M1", Kind.NOT_SAID))).isFalse();
        assertThat(is(Map.of(), number("urn:third:mrn", "M2", Kind.MEDICAL_RECORD), other))
                .as("two systems, and nobody says which is the authority's")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "http://terminology.hl7.org/CodeSystem/v2-0203, MR, '', MEDICAL_RECORD",
                "http://hl7.org/fhir/v2/0203, MR, '', MEDICAL_RECORD",
                "-, MR, '', MEDICAL_RECORD",
                "http://terminology.hl7.org/CodeSystem/v2-0203, AN, MRN, OTHER",
                "http://terminology.hl7.org/CodeSystem/v2-0203, SS, '', OTHER",
                "http://terminology.hl7.org/CodeSystem/v2-0203, PI, '', PATIENT",
                "urn:hosp:types, MR, '', PATIENT",
                "-, -, Medical Record Number, MEDICAL_RECORD",
                "-, -, EPI, PATIENT",
                "-, -, '', NOT_SAID"
            })
    void a_types_codes_decide_and_its_text_where_there_are_none(
            @Nullable String system, @Nullable String code, String text, Kind kind) {
        List<PatientNumber.TypeCode> codes =
                code == null ? List.of() : List.of(new PatientNumber.TypeCode(system, code));
        assertThat(PatientNumber.kind(codes, text)).isEqualTo(kind);
    }
}
