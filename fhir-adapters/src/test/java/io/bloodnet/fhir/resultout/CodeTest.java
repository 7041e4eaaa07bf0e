package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import io.bloodnet.fhir.FhirJson;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionComponent;
import org.junit.jupiter.api.Test;

/** Pins the table of codes: against R4's own code systems where it bundles them, against a second list where it does not. */
class CodeTest {

    /** Copied from the sources, not from the table. */
    private static final Map<String, String> PINNED = Map.ofEntries(
            Map.entry("http://snomed.info/sct|1386000", "Intracranial hemorrhage"),
            Map.entry("http://snomed.info/sct|118565006", "Volume"),
            Map.entry("http://snomed.info/sct|12738006", "Brain"),
            Map.entry("http://loinc.org|18748-4", "Diagnostic imaging study"),
            Map.entry("http://loinc.org|30799-1", "CT Head WO contrast"),
            Map.entry("http://loinc.org|LP29684-5", "Radiology"),
            Map.entry("http://dicom.nema.org/resources/ontology/DCM|121071", "Finding"),
            Map.entry("http://dicom.nema.org/resources/ontology/DCM|121191", "Referenced Segment"),
            Map.entry("http://dicom.nema.org/resources/ontology/DCM|CT", "Computed Tomography"),
            Map.entry(
                    "http://dicom.nema.org/resources/ontology/DCM|111241",
                    "All algorithms succeeded; without findings"),
            Map.entry("http://dicom.nema.org/resources/ontology/DCM|111242", "All algorithms succeeded; with findings"),
            Map.entry(
                    "http://dicom.nema.org/resources/ontology/DCM|111245", "No algorithms succeeded; without findings"),
            Map.entry(
                    "http://terminology.hl7.org/CodeSystem/v3-ObservationValue|AIAST",
                    "Artificial Intelligence asserted"),
            Map.entry(
                    "http://terminology.hl7.org/CodeSystem/v3-ActCode|PROCESSINLINELABEL",
                    "process inline security label"),
            Map.entry(
                    "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIdeviceTypeCS|Artificial-Intelligence",
                    "All kinds of Artificial Intelligence"),
            Map.entry(
                    "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIdeviceTypeCS|Deep-Learning-Models",
                    "Deep Learning Models"),
            Map.entry("http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIinputsCS|AIModelCard", "AI Model-Card"),
            Map.entry(
                    "http://hl7.org/fhir/uv/aitransparency/CodeSystem/AIinputsCS|AIModelCardMarkdownFormat",
                    "Markdown Format"));

    @Test
    void display_and_code_agree_with_the_source() {
        var bundled = new DefaultProfileValidationSupport(FhirJson.context());
        for (Code code : Code.values()) {
            if (code.system().startsWith("urn:bloodnet")) {
                continue;
            }
            String pinned = PINNED.get(code.system() + "|" + code.code());
            String display = pinned != null ? pinned : bundled(bundled, code);
            assertThat(display).as(code.name()).isEqualTo(code.display());
        }
    }

    @Test
    void every_code_names_its_source_and_comes_once() {
        Set<String> seen = new HashSet<>();
        for (Code code : Code.values()) {
            assertThat(code.source()).isNotBlank();
            assertThat(seen.add(code.system() + "|" + code.code()))
                    .as(code.name())
                    .isTrue();
        }
    }

    private static String bundled(DefaultProfileValidationSupport support, Code code) {
        CodeSystem system = (CodeSystem) support.fetchCodeSystem(code.system());
        return system == null ? "no such code system" : find(system.getConcept(), code.code());
    }

    private static String find(List<ConceptDefinitionComponent> concepts, String code) {
        for (ConceptDefinitionComponent concept : concepts) {
            String below = concept.getCode().equals(code) ? concept.getDisplay() : find(concept.getConcept(), code);
            if (below != null) {
                return below;
            }
        }
        return null;
    }
}
