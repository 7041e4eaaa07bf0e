package io.bloodnet.server.cdshooks.drug;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.cdshooks.Requests;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of drugs: complete, sourced, honest about what is not verified. */
class DrugTableTest {

    private final DrugTable table = DrugTable.load();

    @Test
    void names_a_source_for_every_code_and_calls_memory_unverified() {
        assertThat(table.rows()).hasSizeGreaterThan(100).allSatisfy(row -> {
            assertThat(row.code()).matches("[0-9]+");
            assertThat(row.ingredient()).isNotBlank();
            assertThat(row.source()).hasSizeGreaterThan(5);
            assertThat(row.verified() && row.source().contains("from memory")).isFalse();
        });
    }

    @Test
    void knows_every_class_by_a_code() {
        Set<DrugClass> classes =
                table.rows().stream().map(DrugTable.Row::drugClass).collect(Collectors.toSet());
        assertThat(classes).containsExactlyInAnyOrder(DrugClass.values());
    }

    @Test
    void resolves_ingredients_and_products() {
        assertThat(table.byCode(Requests.RXNORM, "11289"))
                .contains(new DrugMatch("warfarin", DrugClass.VITAMIN_K_ANTAGONIST, DrugMatch.Basis.VERIFIED_CODE));
        assertThat(table.byCode(Requests.RXNORM, "855332").orElseThrow().ingredient())
                .isEqualTo("warfarin");
        assertThat(table.byCode(Requests.RXNORM, "1364445").orElseThrow().ingredient())
                .isEqualTo("apixaban");
        assertThat(table.byCode(Requests.RXNORM, "1804799").orElseThrow().drugClass())
                .isEqualTo(DrugClass.THROMBOLYTIC);
    }

    @Test
    void says_that_a_code_is_not_verified() {
        assertThat(table.byCode(Requests.RXNORM, "259280").orElseThrow().basis())
                .isEqualTo(DrugMatch.Basis.UNVERIFIED_CODE);
    }

    @Test
    void knows_no_other_drug() {
        assertThat(table.byCode(Requests.RXNORM, "161")).isEmpty();
        assertThat(table.byCode("http://other.example", "11289")).isEmpty();
        assertThat(table.byText("acetaminophen 500 MG Oral Tablet")).isEmpty();
        assertThat(table.byText("")).isEmpty();
    }

    @Test
    void resolves_atc_groups() {
        assertThat(table.byCode(DrugTable.ATC, "B01AF02").orElseThrow().drugClass())
                .isEqualTo(DrugClass.FACTOR_XA_INHIBITOR);
        assertThat(table.byCode(DrugTable.ATC, "B01AC").orElseThrow().drugClass())
                .isEqualTo(DrugClass.ANTIPLATELET);
        assertThat(table.byCode(DrugTable.ATC, "N02BE01")).isEmpty();
        assertThat(table.byCode(DrugTable.ATC, "B01")).isEmpty();
    }

    @Test
    void recognizes_names_in_text_as_whole_words() {
        assertThat(table.byText("Eliquis 5 mg twice daily").orElseThrow().ingredient())
                .isEqualTo("apixaban");
        assertThat(table.byText("WARFARIN, per INR").orElseThrow().basis()).isEqualTo(DrugMatch.Basis.TEXT);
        assertThat(table.byText("nonwarfarin")).isEmpty();
    }
}
