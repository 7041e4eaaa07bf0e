package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.Validation;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.InputFlag;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.Attachment;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Communication;
import org.hl7.fhir.r4.model.Device;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Range;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReportBundleTest {

    private static final FhirConfig CONFIG = FhirConfig.of(URI.create("https://ehr.example/fhir"))
            .withResults(new FhirConfig.Results(false, FhirConfig.Results.Label.ASK, true));
    private static final Filing FILING = new Filing(
            new Reference("Patient/p1"), new Reference("Encounter/e1"), new Reference("ServiceRequest/s1"), null);

    static Stream<Arguments> variants() {
        return Stream.of(
                Arguments.of("positive", Samples.positive()),
                Arguments.of("negative", Samples.negative()),
                Arguments.of("not analyzed", Samples.notAnalyzed()),
                Arguments.of("corrected", Samples.corrected()),
                Arguments.of("mask refused", maskRefused()),
                Arguments.of("withdrawn", Samples.withdrawn()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("variants")
    void everything_emitted_validates_without_errors(String name, FindingReport report) {
        for (AiMark mark : AiMark.values()) {
            assertThat(Validation.errors(bundle(report, mark)))
                    .as(name + " " + mark)
                    .isEmpty();
        }
        Filing logical = new Filing(
                new Reference().setType("Patient").setIdentifier(new org.hl7.fhir.r4.model.Identifier().setValue("M1")),
                null,
                null,
                new Reference("ImagingStudy/is1"));
        assertThat(Validation.errors(
                        ReportBundle.of(report, logical, can(AiMark.SECURITY_LABEL), CONFIG, Samples.SYSTEM)))
                .isEmpty();
    }

    private static FindingReport maskRefused() {
        FindingReport first = Samples.positive();
        return first.as(FindingReport.Kind.MASK_REFUSED, first.mask());
    }

    @Test
    void a_mask_that_the_archive_refuses_is_taken_back_and_nothing_else() {
        Bundle first = bundle(Samples.positive(), AiMark.SECURITY_LABEL);
        Bundle refused = bundle(maskRefused(), AiMark.SECURITY_LABEL);
        List<String> names = first.getEntry().stream()
                .map(entry -> entry.getResource() instanceof org.hl7.fhir.r4.model.Provenance
                        ? "Provenance"
                        : entry.getFullUrl())
                .toList();
        assertThat(refused.getEntry())
                .as("the same resources, so that nothing is doubled")
                .extracting(entry -> entry.getResource() instanceof org.hl7.fhir.r4.model.Provenance
                        ? "Provenance"
                        : entry.getFullUrl())
                .isEqualTo(names);
        assertThat(of(refused, org.hl7.fhir.r4.model.DocumentReference.class))
                .filteredOn(doc -> doc.hasMasterIdentifier())
                .singleElement()
                .satisfies(doc -> assertThat(doc.getStatus().toCode()).isEqualTo("entered-in-error"));
        assertThat(derived(first)).as("study and mask").isEqualTo(derived(refused) + 1);
        assertThat(of(refused, DiagnosticReport.class).getFirst().getStatus())
                .isEqualTo(DiagnosticReport.DiagnosticReportStatus.PRELIMINARY);
    }

    private static long derived(Bundle bundle) {
        return of(bundle, Observation.class).stream()
                .mapToLong(o -> o.getDerivedFrom().size())
                .sum();
    }

    @Test
    void the_validator_used_here_does_find_errors() {
        Bundle bundle = bundle(Samples.positive(), AiMark.SECURITY_LABEL);
        Observation observation = of(bundle, Observation.class).getFirst();
        observation.getMeta().getSecurityFirstRep().setCode("AIASTX");
        assertThat(Validation.errors(bundle)).anyMatch(e -> e.contains("AIASTX"));
        of(bundle, Observation.class).get(2).getValueQuantity().setCode("ml3");
        assertThat(Validation.errors(bundle)).anyMatch(e -> e.contains("ml3"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("variants")
    void the_same_report_gives_the_same_bytes(String name, FindingReport report) {
        assertThat(FhirJson.write(bundle(report, AiMark.TAG)))
                .as(name)
                .isEqualTo(FhirJson.write(bundle(report, AiMark.TAG)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("variants")
    void no_identity_comes_twice_and_no_identifier_needs_escaping(String name, FindingReport report) {
        Bundle bundle = bundle(report, AiMark.SECURITY_LABEL);
        Set<String> seen = new HashSet<>();
        for (Bundle.BundleEntryComponent entry : bundle.getEntry()) {
            assertThat(seen.add(entry.getFullUrl())).as(name).isTrue();
            assertThat(seen.add(entry.getRequest().getUrl() + entry.getRequest().getIfNoneExist()))
                    .isTrue();
            Unconditional.identifiers(entry.getResource())
                    .forEach(i -> assertThat(i.getValue()).doesNotContainPattern("[|,$]"));
        }
        assertThat(FhirJson.write(bundle)).asString(StandardCharsets.UTF_8).doesNotContain("imr-");
    }

    @Test
    void status_is_preliminary_and_nobody_has_interpreted() {
        Bundle bundle = bundle(Samples.positive(), AiMark.SECURITY_LABEL);
        DiagnosticReport report = of(bundle, DiagnosticReport.class).getFirst();
        assertThat(report.getStatus()).isEqualTo(DiagnosticReport.DiagnosticReportStatus.PRELIMINARY);
        assertThat(report.hasResultsInterpreter()).isFalse();
        assertThat(report.getConclusion()).contains("AI").contains("not reviewed");
        assertThat(report.getPerformerFirstRep().getReference()).isNull();
        assertThat(of(bundle, Observation.class)).hasSize(4).allSatisfy(o -> {
            assertThat(o.getStatus()).isEqualTo(Observation.ObservationStatus.PRELIMINARY);
            assertThat(o.getMeta().getSecurity(Code.AI_ASSERTED.system(), "AIAST"))
                    .isNotNull();
            assertThat(o.hasDevice()).isTrue();
        });
    }

    @Test
    void hemorrhage_is_coded_only_when_suspected() {
        assertThat(conclusionCodes(Samples.positive())).containsExactly("1386000");
        assertThat(conclusionCodes(Samples.negative())).isEmpty();
        assertThat(conclusionCodes(Samples.notAnalyzed())).isEmpty();
        assertThat(conclusionCodes(Samples.withdrawn())).isEmpty();
    }

    @Test
    void a_negative_result_says_what_it_does_not_exclude_and_not_analyzed_never_looks_negative() {
        assertThat(conclusion(Samples.negative())).contains("does not exclude");
        assertThat(conclusion(Samples.notAnalyzed())).contains("NOT ANALYZED").doesNotContain("no intracranial");
        Bundle bundle = bundle(Samples.notAnalyzed(), AiMark.SECURITY_LABEL);
        assertThat(of(bundle, Observation.class)).singleElement().satisfies(o -> {
            assertThat(o.getCode().getCodingFirstRep().getCode()).isEqualTo("ich-suitability");
            assertThat(o.getInterpretationFirstRep().getCodingFirstRep().getCode())
                    .isEqualTo("IND");
        });
        assertThat(of(bundle, Task.class).getFirst().getStatus()).isEqualTo(Task.TaskStatus.FAILED);
    }

    @Test
    void the_page_has_size_hash_and_no_active_content() throws Exception {
        FindingReport hostile = Samples.report(
                new io.bloodnet.imaging.finding.Finding.NotAnalyzed(
                        new io.bloodnet.imaging.order.StudyUid(Samples.STUDY),
                        null,
                        io.bloodnet.imaging.finding.NotAnalyzedReason.UNDECODABLE,
                        "<script>alert(1)</script><img src=x onerror='x'>"),
                FindingReport.Kind.FIRST,
                null,
                null);
        for (FindingReport each : List.of(Samples.positive(), hostile)) {
            Attachment page = of(bundle(each, AiMark.TAG), DiagnosticReport.class)
                    .getFirst()
                    .getPresentedFormFirstRep();
            byte[] html = page.getData();
            assertThat(page.getSize()).isEqualTo(html.length);
            assertThat(page.getHash())
                    .isEqualTo(MessageDigest.getInstance("SHA-1").digest(html));
            assertThat(page.getTitle()).startsWith("AI");
            assertThat(html)
                    .asString(StandardCharsets.UTF_8)
                    .doesNotContain("<script")
                    .doesNotContain("<img src=x");
        }
        assertThat(of(bundle(Samples.positive(), AiMark.TAG), DiagnosticReport.class)
                        .getFirst()
                        .getPresentedFormFirstRep()
                        .getData())
                .asString(StandardCharsets.UTF_8)
                .contains("data:image/png;base64,iVBO".substring(0, 22));
    }

    @Test
    void the_key_image_is_a_form_of_its_own_said_to_be_the_ais_until_it_is_withdrawn() throws Exception {
        DiagnosticReport report = of(bundle(Samples.positive(), AiMark.TAG), DiagnosticReport.class)
                .getFirst();
        assertThat(report.getPresentedForm())
                .extracting(Attachment::getContentType)
                .containsExactly("text/html", "image/png");
        Attachment image = report.getPresentedForm().get(1);
        assertThat(image.getData()).isEqualTo(Samples.positive().keyImagePng());
        assertThat(image.getSize()).isEqualTo(image.getData().length);
        assertThat(image.getHash()).isEqualTo(MessageDigest.getInstance("SHA-1").digest(image.getData()));
        assertThat(image.getTitle()).startsWith("AI - not reviewed").endsWith("not for diagnostic use");
        DiagnosticReport withdrawn = of(bundle(Samples.withdrawn(), AiMark.TAG), DiagnosticReport.class)
                .getFirst();
        assertThat(withdrawn.getPresentedForm())
                .extracting(Attachment::getContentType)
                .containsExactly("text/html");
    }

    @Test
    void a_suspicion_without_an_outline_has_no_volume_and_its_score_is_not_certain() {
        FindingReport report = Samples.report(Samples.analyzed(0.999999, 0), FindingReport.Kind.FIRST, null, null);
        Bundle bundle = bundle(report, AiMark.SECURITY_LABEL);
        List<Observation> observations = of(bundle, Observation.class);

        assertThat(Validation.errors(bundle)).isEmpty();
        assertThat(observations.get(1).getValueQuantity().getValue()).isEqualByComparingTo("0.9999");
        assertThat(observations.get(2).hasValue()).isFalse();
        assertThat(observations.get(2).getDataAbsentReason().getCodingFirstRep().getCode())
                .isEqualTo("unknown");
        assertThat(conclusion(report))
                .contains("0.9999")
                .contains("no blood outlined")
                .doesNotContain("0.0 mL");
    }

    @Test
    void interpretations_and_flags_are_those_of_the_hl7_message() {
        List<Observation> positive = of(bundle(Samples.positive(), AiMark.SECURITY_LABEL), Observation.class);
        List<Observation> negative = of(bundle(Samples.negative(), AiMark.SECURITY_LABEL), Observation.class);

        assertThat(positive.subList(0, 2))
                .extracting(ReportBundleTest::interpretation)
                .containsExactly("AA", "A");
        assertThat(negative.subList(0, 2))
                .extracting(ReportBundleTest::interpretation)
                .containsExactly("N", "N");
        assertThat(positive.get(3).getComponent())
                .extracting(c -> c.getValueCodeableConcept().getText())
                .containsExactly(InputFlag.GAP.words(), InputFlag.TILTED.words());
    }

    private static String interpretation(Observation o) {
        return o.getInterpretationFirstRep().getCodingFirstRep().getCode();
    }

    @Test
    void the_volume_says_how_much_it_depends_on_the_outline() {
        Observation volume =
                of(bundle(Samples.positive(), AiMark.TAG), Observation.class).get(2);
        Range range = volume.getComponentFirstRep().getValueRange();
        assertThat(volume.getComponentFirstRep().getCode().getCodingFirstRep().getCode())
                .isEqualTo("volume-range");
        assertThat(range.getLow().getValue()).isEqualByComparingTo("18.51");
        assertThat(range.getHigh().getValue()).isEqualByComparingTo("28.93");
    }

    @Test
    void the_device_names_the_models_operating_points_and_a_study_made_by_us_says_where_its_images_are() {
        Bundle bundle = bundle(Samples.positive(), AiMark.TAG);
        Device.DevicePropertyComponent point =
                of(bundle, Device.class).getFirst().getPropertyFirstRep();
        assertThat(point.getType().getText()).isEqualTo("operating point: balanced");
        assertThat(point.getValueQuantityFirstRep().getValue()).isEqualByComparingTo("0.5");
        ImagingStudy study = of(bundle, ImagingStudy.class).getFirst();
        Endpoint endpoint = (Endpoint) study.getContained().getFirst();
        assertThat(study.getEndpointFirstRep().getReference()).isEqualTo("#" + endpoint.getIdPart());
        assertThat(endpoint.getConnectionType().getCode()).isEqualTo("dicom-wado-rs");
        assertThat(endpoint.getAddress()).isEqualTo("https://pacs.example/dicom-web");
    }

    @Test
    void every_coding_comes_from_the_table() {
        Set<String> table = new HashSet<>();
        for (Code code : Code.values()) {
            table.add(code.system() + "|" + code.code() + "|" + code.display());
        }
        for (FindingReport report : List.of(Samples.positive(), Samples.negative(), Samples.notAnalyzed())) {
            for (Bundle.BundleEntryComponent entry :
                    bundle(report, AiMark.SECURITY_LABEL).getEntry()) {
                FhirJson.context()
                        .newTerser()
                        .getAllPopulatedChildElementsOfType(entry.getResource(), Coding.class)
                        .stream()
                        .filter(c -> !c.getSystem().equals("urn:bloodnet:procedure") && c.hasDisplay())
                        .filter(c -> !isInputFlag(c))
                        .forEach(c ->
                                assertThat(table).contains(c.getSystem() + "|" + c.getCode() + "|" + c.getDisplay()));
            }
        }
    }

    @Test
    void provenance_names_the_machine_the_study_and_everything_made() {
        Bundle bundle = bundle(Samples.positive(), AiMark.SECURITY_LABEL);
        Provenance provenance = of(bundle, Provenance.class).getFirst();
        assertThat(provenance.getTarget()).hasSize(6);
        assertThat(provenance.getAgentFirstRep().getWho().getReference()).startsWith("urn:uuid:");
        assertThat(provenance.getEntityFirstRep().getWhat().getIdentifier().getValue())
                .contains(Samples.STUDY);
    }

    private static boolean isInputFlag(Coding coding) {
        return coding.getSystem().equals("urn:bloodnet:codes")
                && coding.getDisplay().equals(coding.getCode().replace('-', ' '));
    }

    private static List<String> conclusionCodes(FindingReport report) {
        return of(bundle(report, AiMark.TAG), DiagnosticReport.class).getFirst().getConclusionCode().stream()
                .map(c -> c.getCodingFirstRep().getCode())
                .toList();
    }

    private static String conclusion(FindingReport report) {
        return of(bundle(report, AiMark.TAG), DiagnosticReport.class).getFirst().getConclusion();
    }

    @Test
    void a_suspected_hemorrhage_is_an_alert_where_the_site_wants_that_and_nothing_else_is() {
        Communication alert = of(bundle(Samples.positive(), AiMark.SECURITY_LABEL), Communication.class)
                .getFirst();
        assertThat(alert.getCategoryFirstRep().getCodingFirstRep().getCode()).isEqualTo("alert");
        assertThat(alert.getPriority()).isEqualTo(Communication.CommunicationPriority.STAT);
        assertThat(alert.getPayloadFirstRep().getContentStringType().getValue()).contains("not reviewed");
        assertThat(of(bundle(Samples.withdrawn(), AiMark.SECURITY_LABEL), Communication.class)
                        .getFirst()
                        .getStatus())
                .isEqualTo(Communication.CommunicationStatus.ENTEREDINERROR);
        for (FindingReport quiet : List.of(Samples.negative(), Samples.notAnalyzed())) {
            assertThat(of(bundle(quiet, AiMark.SECURITY_LABEL), Communication.class))
                    .isEmpty();
        }
        FhirConfig usual = CONFIG.withResults(FhirConfig.Results.DEFAULT);
        assertThat(of(
                        ReportBundle.of(Samples.positive(), FILING, can(AiMark.SECURITY_LABEL), usual, Samples.SYSTEM),
                        Communication.class))
                .isEmpty();
    }

    private static Bundle bundle(FindingReport report, AiMark mark) {
        return ReportBundle.of(report, FILING, can(mark), CONFIG, Samples.SYSTEM);
    }

    private static EhrProfile can(AiMark mark) {
        return new EhrProfile(true, true, true, mark, false);
    }

    private static <T extends Resource> List<T> of(Bundle bundle, Class<T> type) {
        return bundle.getEntry().stream()
                .map(Bundle.BundleEntryComponent::getResource)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
