package io.bloodnet.fhir.ehr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.About;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniHttp;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Patient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms in which EHRs answer that are not what was asked for, and mean the same. */
class AnswerFormsTest {

    private static final Purpose PURPOSE = new Purpose(About.nothing(), "a test");
    private static final EhrBase.ResourceId P1 = new EhrBase.ResourceId("Patient", "p1");
    private static final int MAX = 1 << 16;

    /** By path and query below the base. */
    private final Map<String, MiniHttp.Reply> pages = new LinkedHashMap<>();

    private final class Server extends MiniHttp {
        Server() {
            start();
        }

        @Override
        protected Reply reply(Request r) {
            String key =
                    r.path() + (r.query().isEmpty() || r.query().startsWith("_lastUpdated") ? "" : "?" + r.query());
            return pages.getOrDefault(key, Reply.json(404, "{}"));
        }
    }

    private final Server server = new Server();
    private final EhrClient ehr = new EhrClient(
            FhirConfig.of(server.root().resolve("/fhir"))
                    .withLimits(new FhirConfig.Limits(Duration.ofSeconds(2), Duration.ofSeconds(5), MAX)),
            new RecordingAuditLog(),
            InstantSource.system());

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        server.close();
    }

    @Test
    void every_request_asks_for_no_coding_and_gzip_is_read_all_the_same() {
        for (String coding : new String[] {"gzip", "x-gzip", "GZIP", "identity, gzip", ""}) {
            pages.put("/fhir/Patient/p1", reply(zipped(bytes(Samples.PATIENT_JSON)), coding));
            assertThat(ehr.read(Patient.class, P1, PURPOSE)).as(coding).isPresent();
        }
        assertThat(server.requests.getFirst().headers()).containsEntry("Accept-Encoding", "identity");
    }

    @Test
    void a_coding_that_is_not_known_broken_or_too_long_is_a_bad_answer() {
        pages.put("/fhir/Patient/p1", reply(bytes(Samples.PATIENT_JSON), "br"));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE)).isInstanceOf(EhrException.class);
        byte[] whole = zipped(bytes(Samples.PATIENT_JSON));
        pages.put("/fhir/Patient/p1", reply(java.util.Arrays.copyOf(whole, whole.length / 2), "gzip"));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE)).isInstanceOf(EhrException.class);
        pages.put("/fhir/Patient/p1", reply(zipped(new byte[MAX + 1]), "gzip"));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE))
                .isInstanceOfSatisfying(
                        EhrException.class, e -> assertThat(e.code()).isEqualTo(EhrException.Code.TOO_LARGE));
    }

    @Test
    void a_byte_order_mark_is_passed_over() {
        pages.put("/fhir/Patient/p1", reply(bytes("\ufeff" + Samples.PATIENT_JSON), ""));
        assertThat(ehr.read(Patient.class, P1, PURPOSE)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?page=2",
                "ImagingStudy?page=2",
                "./ImagingStudy?page=2",
                "/fhir/ImagingStudy?page=2",
                "ROOT/fhir/ImagingStudy?page=2"
            })
    void the_next_page_is_found_by_a_relative_link_too(String link) {
        pages.put("/fhir/ImagingStudy", page(link.replace("ROOT", server.root().toString()), study("a")));
        pages.put("/fhir/ImagingStudy?page=2", page(null, study("b")));
        EhrClient.Found<ImagingStudy> found = ehr.listed(ImagingStudy.class, Map.of("_lastUpdated", "x"), PURPOSE);
        assertThat(found.resources())
                .extracting(s -> s.getIdElement().getIdPart())
                .containsExactly("a", "b");
        assertThat(found.complete()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://other.example/fhir?page=2",
                "//other.example/fhir",
                "../../x",
                "\\\\other.example",
                "mailto:a@b"
            })
    void a_next_page_elsewhere_is_not_dialled_and_the_answer_is_told_to_be_incomplete(String link) {
        pages.put("/fhir/ImagingStudy", page(link, study("a")));
        EhrClient.Found<ImagingStudy> found = ehr.listed(ImagingStudy.class, Map.of("_lastUpdated", "x"), PURPOSE);
        assertThat(found.resources()).hasSize(1);
        assertThat(found.complete()).isFalse();
        assertThat(server.requests).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"resourceType\":\"ImagingStudy\",\"id\":\"bad\",\"status\":\"inactive\"}",
                "{\"resourceType\":\"ImagingStudy\",\"id\":\"bad\",\"started\":\"yesterday\"}",
                "{\"resourceType\":\"ImagingStudy\",\"id\":\"bad\",\"numberOfSeries\":\"many\"}",
                "{\"resourceType\":\"NoSuchType\",\"id\":\"bad\"}",
                "{\"id\":\"bad\"}"
            })
    void a_resource_that_cannot_be_read_spoils_only_itself(String bad) {
        pages.put("/fhir/ImagingStudy", page("?page=2", study("a"), bad, study("b")));
        pages.put("/fhir/ImagingStudy?page=2", page(null, study("c")));
        assertThat(ehr.list(ImagingStudy.class, Map.of("_lastUpdated", "x"), PURPOSE))
                .extracting(s -> s.getIdElement().getIdPart())
                .containsExactly("a", "b", "c");
    }

    private static String study(String id) {
        return Samples.imagingStudy(id, 32);
    }

    private static MiniHttp.Reply page(@org.jspecify.annotations.Nullable String next, String... resources) {
        String link = next == null
                ? ""
                : "\"link\":[{\"relation\":\"next\",\"url\":\"" + next.replace("\\", "\\\\") + "\"}],";
        StringBuilder entries = new StringBuilder();
        for (String resource : resources) {
            entries.append(entries.isEmpty() ? "" : ",")
                    .append("{\"resource\":")
                    .append(resource)
                    .append('}');
        }
        return MiniHttp.Reply.json(
                200, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"," + link + "\"entry\":[" + entries + "]}");
    }

    private static MiniHttp.Reply reply(byte[] body, String coding) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/fhir+json");
        if (!coding.isEmpty()) {
            headers.put("Content-Encoding", coding);
        }
        return new MiniHttp.Reply(200, headers, body);
    }

    private static byte[] zipped(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
