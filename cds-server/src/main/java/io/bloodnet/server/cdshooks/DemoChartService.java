package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The demo's pretend chart, to be mounted at {@value #PATH}: a page that calls our services as an EHR would, about the sandbox's made-up
 * patients. Served by the demo alone.
 */
public final class DemoChartService implements HttpService {

    /** Where Main mounts it; the page is {@code /demo/ehr}. */
    public static final String PATH = "/demo";

    private static final Header POLICY = HeaderValues.createCached(
            HeaderNames.create("Content-Security-Policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none';"
                    + " form-action 'none'; frame-ancestors 'none'");
    private static final Header NO_SNIFF =
            HeaderValues.createCached(HeaderNames.create("X-Content-Type-Options"), "nosniff");
    private static final Header NO_REFERRER =
            HeaderValues.createCached(HeaderNames.create("Referrer-Policy"), "no-referrer");

    private final byte[] patients;

    /**
     * A made-up patient.
     *
     * @param id the EHR's Patient id
     * @param name to show
     * @param mrn as the orders carry it
     * @param accession of the head CT
     */
    public record DemoPatient(String id, String name, String mrn, String accession) {}

    public DemoChartService(List<DemoPatient> patients) {
        try {
            this.patients = new ObjectMapper().writeValueAsBytes(patients);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of texts cannot be written", e);
        }
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/ehr", page("ehr.html", "text/html; charset=utf-8"))
                .get("/ehr.js", page("ehr.js", "text/javascript; charset=utf-8"))
                .get("/ehr.css", page("ehr.css", "text/css; charset=utf-8"))
                .get("/patients.json", bytes(patients, "application/json"));
    }

    private static Handler page(String name, String type) {
        try (InputStream in = DemoChartService.class.getResourceAsStream("/web/demo/" + name)) {
            if (in == null) {
                throw new IllegalStateException("web/demo/" + name + " is not among the resources");
            }
            return bytes(in.readAllBytes(), type);
        } catch (IOException e) {
            throw new UncheckedIOException("web/demo/" + name + " cannot be read", e);
        }
    }

    private static Handler bytes(byte[] body, String type) {
        Header contentType = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, type);
        return (request, response) -> response.header(contentType)
                .header(POLICY)
                .header(NO_SNIFF)
                .header(NO_REFERRER)
                .send(body);
    }
}
