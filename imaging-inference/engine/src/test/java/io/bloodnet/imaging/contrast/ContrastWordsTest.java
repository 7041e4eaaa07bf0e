package io.bloodnet.imaging.contrast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptions and agents as hospitals of many countries write them. */
class ContrastWordsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Head w/o contrast",
                "HEAD NON-ENHANCED 5MM",
                "Non Enhanced Head",
                "NONENHANCED BRAIN",
                "UNENHANCED HEAD",
                "NECT HEAD",
                "BRAIN W/O ENHANCEMENT",
                "NON-CE BRAIN",
                "NO IV CONTRAST",
                "HEAD WO",
                "Head wo con",
                "HEAD WO 5MM",
                "CT HEAD WITHOUT IV DYE",
                "NON-CONTRAST",
                "NONCON 5MM",
                "NCCT BRAIN",
                "HEAD PRE CONTRAST",
                "HEAD PLAIN",
                "HEAD_WO_IV_CONTRAST",
                "not contrast enhanced",
                "CRANE SANS INJECTION",
                "CRANE SANS IV",
                "CRANE C-",
                "Cr\u00E2ne sans injection de produit de contraste",
                "C- AXIAL",
                "SCHAEDEL NATIV",
                "SCHAEDEL OHNE KM",
                "SCHAEDEL KEIN KM",
                "Sch\u00E4del nativ 5.0 H31s",
                "cCT ohne i.v. Kontrastmittel",
                "CRANIO SENZA MDC",
                "cranio senza m.d.c.",
                "CRANIO BASALE",
                "TC encefalo senza mezzo di contrasto",
                "CRANEO SIN CONTRASTE",
                "CRANEO S/C",
                "CRANEO S/CONTRASTE",
                "CRANEO SIMPLE",
                "cr\u00E1neo sin medio de contraste",
                "CRANIO SEM CONTRASTE",
                "CR\u00C2NIO S/ CONTRASTE",
                "HOOFD ZONDER CONTRAST",
                "HOOFD BLANCO",
                "hersenen zonder i.v. contrast",
                "HUVUD UTAN KONTRAST",
                "HOVED UDEN KONTRAST",
                "HODE UTEN KONTRAST",
                "GLOWA BEZ KONTRASTU",
                "G\u0142owa bez \u015Brodka kontrastowego",
                "hlava nativn\u011B",
                "KAFA KONTRASTSIZ",
                "CAP FARA CONTRAST"
            })
    void none(String text) {
        assertThat(ContrastWords.of(text)).isEqualTo(Says.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HEAD W/ CONTRAST",
                "CT Head C+",
                "CTA HEAD",
                "POST CONTRAST",
                "HEAD POST",
                "HEAD POST 5MM",
                "DELAYED HEAD",
                "HEAD DELAY 5 MIN",
                "Portal venous",
                "HEAD W",
                "HEAD WITH",
                "HEAD +",
                "Head (with)",
                "BRAIN POST GAD",
                "HEAD VENOGRAM",
                "COW ANGIO",
                "CAROTID",
                "HEAD W 5.0",
                "HEAD +C",
                "HEAD CE",
                "CECT HEAD",
                "CTV BRAIN",
                "BRAIN PERFUSION",
                "HEAD NON-IONIC CONTRAST",
                "head with i.v. contrast",
                "HEAD_W_CON",
                "HEAD CONTRAST ENHANCED",
                "BRAIN ENHANCED",
                "CRANE AVEC INJECTION 5MM",
                "CRANE APRES INJECTION",
                "CRANE IV+",
                "CRANE AVEC IV",
                "CRANE C+",
                "CEREBRAL INJECTE",
                "c\u00E9r\u00E9bral inject\u00E9",
                "angioscanner TSA",
                "SCHAEDEL MIT KONTRASTMITTEL",
                "SCHAEDEL NACH KM",
                "Kopf mit Kontrast",
                "Kopf nach Kontrast",
                "Kopf KM",
                "Sch\u00E4del n. KM",
                "cCT KM+",
                "CRANIO CON MDC",
                "CRANIO CON M.D.C.",
                "cranio dopo mdc",
                "CRANEO CON CONTRASTE",
                "CRANEO C/C",
                "craneo c/ contraste",
                "cr\u00E1neo contrastado",
                "CRANIO COM CONTRASTE",
                "cr\u00E2nio ap\u00F3s contraste",
                "HOOFD MET CONTRAST",
                "hoofd na contrast",
                "HUVUD MED KONTRAST",
                "huvud efter kontrast",
                "GLOWA Z KONTRASTEM",
                "g\u0142owa po kontra\u015Bcie",
                "KAFA KONTRASTLI",
                "hlava s kontrastem",
                "cap cu contrast"
            })
    void given(String text) {
        assertThat(ContrastWords.of(text)).isEqualTo(Says.GIVEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CT HEAD WO/W CONTRAST",
                "W/O AND W CONTRAST",
                "HEAD W/WO CONTRAST",
                "HEAD WITH AND WITHOUT CONTRAST",
                "HEAD WITHOUT AND WITH CONTRAST",
                "HEAD W & W/O CONTRAST",
                "PRE AND POST CONTRAST",
                "SCHAEDEL OHNE UND MIT KM",
                "Kopf nativ + KM",
                "cranio senza e con mdc",
                "CRANEO SIN Y CON CONTRASTE",
                "CRANE SANS ET AVEC INJECTION",
                "HOOFD ZONDER EN MET CONTRAST",
                "GLOWA BEZ I Z KONTRASTEM",
                "cr\u00E2nio sem e com contraste",
                "HUVUD UTAN OCH MED KONTRAST",
                "HEAD C+/C-",
                "HEAD C-/C+",
                "BRAIN +/- CONTRAST"
            })
    void both(String text) {
        assertThat(ContrastWords.of(text)).isEqualTo(Says.BOTH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HEAD 5.0 STD",
                "POST FOSSA",
                "POST FOSSA 2.5MM",
                "POSTERIOR FOSSA",
                "STD BRAIN 5MM",
                "HEAD POST OP",
                "BRAIN POST-TRAUMA",
                "HEAD S/P FALL",
                "C-SPINE",
                "HEAD + C-SPINE",
                "Kopf 5.0 mit MPR",
                "CRANEO CON RECONSTRUCCION",
                "BRAIN EDGE ENHANCE",
                "IV VENTRICLE",
                "HEAD W RECON",
                "CT HEAD F/U",
                "BRAIN METS",
                "CRANE OS",
                "Hirn 3 mm",
                "HEAD WITH TILT",
                "neurocranium",
                "VENTRICLES",
                "TC encefalo",
                "SINUS"
            })
    void silent(String text) {
        assertThat(ContrastWords.of(text)).isEqualTo(Says.SILENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NONE",
                "NO CONTRAST",
                "Without contrast",
                "NON CONTRAST",
                "W/O",
                "No IV Contrast",
                "none given",
                "N",
                "NIL",
                "NOT APPLICABLE",
                "0 ml",
                "KEIN",
                "OHNE",
                "SIN",
                "SANS",
                "no",
                "N/A",
                "keines",
                "nessuno",
                "senza mdc",
                "aucun",
                "not given",
                "0",
                "0,0 ml",
                "no contrast given",
                "NATIV"
            })
    void an_agent_that_says_none_is_none(String agent) {
        assertThat(ContrastTags.of(agent, "IV", null, List.of())).isEqualTo(Says.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", ".", "UNKNOWN", "--", "?", "***"})
    void an_agent_without_a_name_says_nothing(String agent) {
        assertThat(ContrastTags.of(agent, null, null, Arrays.asList("", null))).isEqualTo(Says.SILENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Omnipaque 350",
                "OMNI",
                "Iomeron 400",
                "JOD",
                "contrast",
                "KM",
                "BARIUM",
                "Ultravist",
                "y",
                "YES",
                "1",
                "APPLIED"
            })
    void an_agent_with_any_other_name_is_contrast(String agent) {
        assertThat(ContrastTags.of(agent, null, null, List.of())).isEqualTo(Says.GIVEN);
    }

    @Test
    void volume_dose_route_and_ingredient_tell_what_the_agent_does_not() {
        assertThat(ContrastTags.of("", "IV", "IODINE", List.of("75", "22.5"))).isEqualTo(Says.GIVEN);
        assertThat(ContrastTags.of(null, null, null, List.of("75"))).isEqualTo(Says.GIVEN);
        assertThat(ContrastTags.of("NONE", null, null, List.of("75"))).isEqualTo(Says.GIVEN);
        assertThat(ContrastTags.of(null, "Intravenous route", null, List.of())).isEqualTo(Says.GIVEN);
        assertThat(ContrastTags.of(null, null, "IODINE", List.of())).isEqualTo(Says.GIVEN);
        assertThat(ContrastTags.of(null, "IV", "IODINE", List.of("0"))).isEqualTo(Says.NONE);
        assertThat(ContrastTags.of("NONE", "IV", "IODINE", List.of())).isEqualTo(Says.NONE);
    }

    @Test
    void what_is_nearer_to_the_scan_counts_more() {
        assertThat(verdict(Says.NONE, Says.GIVEN, Says.SILENT, Says.SILENT))
                .isEqualTo(ContrastEvidence.Verdict.CONTRAST);
        assertThat(verdict(Says.SILENT, Says.BOTH, Says.SILENT, Says.SILENT))
                .isEqualTo(ContrastEvidence.Verdict.CONTRAST);
        assertThat(verdict(Says.SILENT, Says.NONE, Says.GIVEN, Says.BOTH)).isEqualTo(ContrastEvidence.Verdict.PLAIN);
        assertThat(verdict(Says.SILENT, Says.SILENT, Says.GIVEN, Says.SILENT))
                .isEqualTo(ContrastEvidence.Verdict.CONTRAST);
        assertThat(verdict(Says.SILENT, Says.SILENT, Says.SILENT, Says.GIVEN))
                .isEqualTo(ContrastEvidence.Verdict.UNCLEAR);
        assertThat(verdict(Says.SILENT, Says.SILENT, Says.BOTH, Says.BOTH)).isEqualTo(ContrastEvidence.Verdict.UNCLEAR);
        assertThat(verdict(Says.NONE, Says.SILENT, Says.SILENT, Says.BOTH)).isEqualTo(ContrastEvidence.Verdict.PLAIN);
        assertThat(ContrastEvidence.SILENT.verdict()).isEqualTo(ContrastEvidence.Verdict.PLAIN);
    }

    private static ContrastEvidence.Verdict verdict(Says tags, Says series, Says protocol, Says study) {
        return new ContrastEvidence(tags, series, protocol, study).verdict();
    }
}
