package io.bloodnet.fhir;

import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import io.bloodnet.fhir.resultout.Code;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fhir.ucum.UcumEssenceService;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Resource;

/** HAPI's R4 validator with the code systems that R4 does not bundle, and UCUM, which it does not check. Slow to warm: one for all tests. */
public final class Validation {

    private static final String UCUM = "http://unitsofmeasure.org";
    /** What we emit: ml3 is a unit to UCUM too, the cube of a millilitre. */
    private static final Set<String> ALLOWED = Set.of("1", "mL", "mm");

    private static final FhirValidator VALIDATOR = validator();
    private static final UcumEssenceService UNITS = units();

    private Validation() {}

    /** What the validator calls an error, empty when all is well. */
    public static synchronized List<String> errors(Resource resource) {
        List<String> errors = new ArrayList<>();
        for (SingleValidationMessage m :
                VALIDATOR.validateWithResult(FhirJson.pretty(resource)).getMessages()) {
            if (m.getSeverity() == ResultSeverityEnum.ERROR || m.getSeverity() == ResultSeverityEnum.FATAL) {
                errors.add(m.getLocationString() + ": " + m.getMessage());
            }
        }
        units(resource, errors);
        return errors;
    }

    private static void units(Resource resource, List<String> errors) {
        if (resource instanceof Bundle bundle) {
            bundle.getEntry().forEach(entry -> units(entry.getResource(), errors));
            return;
        }
        FhirJson.context().newTerser().getAllPopulatedChildElementsOfType(resource, Quantity.class).stream()
                .filter(q -> UCUM.equals(q.getSystem()))
                .filter(q -> UNITS.validate(q.getCode()) != null || !ALLOWED.contains(q.getCode()))
                .forEach(q -> errors.add("not UCUM: " + q.getCode()));
    }

    @SuppressWarnings("deprecation")
    private static FhirValidator validator() {
        var context = FhirJson.context();
        var bundled = new DefaultProfileValidationSupport(context);
        var ours = new PrePopulatedValidationSupport(context);
        Map<String, CodeSystem> systems = new HashMap<>();
        for (Code code : Code.values()) {
            boolean guide = code.system().contains("/uv/") || code.system().startsWith("urn:bloodnet");
            boolean newer = code == Code.AI_ASSERTED || code == Code.INLINE_LABELS;
            if (guide || newer) {
                systems.computeIfAbsent(code.system(), url -> start(bundled, url))
                        .addConcept()
                        .setCode(code.code())
                        .setDisplay(code.display());
            }
        }
        systems.values().forEach(ours::addCodeSystem);
        var inMemory = new InMemoryTerminologyServerValidationSupport(context);
        // LOINC, SNOMED CT and DICOM are not bundled: warnings here, pinned by CodeTest.
        var unknown =
                new org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport(context);
        unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
        var chain = new ValidationSupportChain(
                ours, bundled, new CommonCodeSystemsTerminologyService(context), inMemory, unknown);
        return context.newValidator().registerValidatorModule(new FhirInstanceValidator(chain));
    }

    /** The bundled code system, to be added to; a fragment where there is none. */
    private static CodeSystem start(DefaultProfileValidationSupport bundled, String url) {
        if (bundled.fetchCodeSystem(url) instanceof CodeSystem there) {
            return there.copy();
        }
        return new CodeSystem()
                .setUrl(url)
                .setStatus(PublicationStatus.ACTIVE)
                .setContent(CodeSystem.CodeSystemContentMode.FRAGMENT);
    }

    private static UcumEssenceService units() {
        try (InputStream in = UcumEssenceService.class.getResourceAsStream("/ucum-essence.xml")) {
            return new UcumEssenceService(in);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
