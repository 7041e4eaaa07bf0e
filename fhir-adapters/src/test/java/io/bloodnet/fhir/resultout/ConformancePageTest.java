package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.auditout.BalpMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.junit.jupiter.api.Test;

/** The page shows what the code emits. {@code -Dbloodnet.docs=write} writes it anew. */
class ConformancePageTest {

    private static final Path PAGE =
            Path.of(System.getProperty("bloodnet.root", "..")).resolve("docs/fhir-conformance.md");

    @Test
    void shows_what_the_code_emits() throws IOException {
        String page = Files.readString(PAGE);
        String fresh = page;
        for (Map.Entry<String, String> block : blocks().entrySet()) {
            String start = "<!-- json: " + block.getKey() + " -->\n```json\n";
            int at = fresh.indexOf(start) + start.length();
            int end = at
                    + (fresh.substring(at).startsWith("```")
                            ? 0
                            : fresh.substring(at).indexOf("\n```") + 1);
            fresh = fresh.substring(0, at) + block.getValue() + "\n" + fresh.substring(end);
        }
        if ("write".equals(System.getProperty("bloodnet.docs"))) {
            Files.writeString(PAGE, fresh);
            return;
        }
        assertThat(page).isEqualTo(fresh);
    }

    private static Map<String, String> blocks() {
        Filing filing = new Filing(
                new Reference("Patient/p1"),
                null,
                new Reference("ServiceRequest/s1"),
                new Reference("ImagingStudy/is1"));
        Bundle bundle = ReportBundle.of(
                Samples.positive(),
                filing,
                new EhrProfile(true, true, true, AiMark.SECURITY_LABEL, false),
                FhirConfig.of(URI.create("https://ehr.example/fhir")),
                Samples.SYSTEM);
        var read = new AuditEvent.EhrRead(
                Samples.NOW,
                FilingLookup.Sought.of(Samples.positive()).about(),
                Outcome.SUCCESS,
                "https://ehr.example",
                "search Patient by identifier for filing a result",
                null);
        Map<String, String> blocks = new LinkedHashMap<>();
        blocks.put("report", json(bundle, 0));
        blocks.put("volume", json(bundle, 3));
        blocks.put("provenance", json(bundle, bundle.getEntry().size() - 1));
        blocks.put("audit", FhirJson.pretty(new BalpMapper(FhirConfig.Naming.DEFAULT).toFhir(42, read)));
        return blocks;
    }

    /** The page's own base64 is shortened: it is long and says nothing to a reader. */
    private static String json(Bundle bundle, int entry) {
        Resource resource = bundle.getEntry().get(entry).getResource();
        return FhirJson.pretty(resource).replaceAll("(\"data\": \"[A-Za-z0-9+/]{24})[A-Za-z0-9+/=]*", "$1...");
    }
}
