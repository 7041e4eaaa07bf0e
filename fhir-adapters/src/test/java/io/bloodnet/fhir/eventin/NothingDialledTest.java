package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.NamesLookedUp;
import io.bloodnet.fhir.Samples;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * C-SSRF over real sockets: every place of a message that can hold a URL holds a hostile one. None is connected to, no host name is even
 * looked up (so it does not matter what a name server answers the second time), and our own EHR is not asked for the ids behind them.
 */
class NothingDialledTest extends EventsFixture {

    private static final String EVIL_ID = "evil-1";
    private static final String EVIL_NAME = "rebound.example";

    private final MiniFhir canary = new MiniFhir();

    @AfterEach
    void stop() throws IOException {
        canary.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:CANARY/fhir",
                "http://169.254.169.254/fhir",
                "http://[::1]:CANARY/fhir",
                "http://[::ffff:127.0.0.1]:CANARY/fhir",
                "http://0177.1:CANARY/fhir",
                "http://2130706433:CANARY/fhir",
                "http://127.0.0.1.rebound.example:CANARY/fhir",
                "http://127.0.0.1:EHR@rebound.example:CANARY/fhir",
                "http://127.0.0.1:EHR@127.0.0.1:CANARY/fhir",
                "http://rebound.example:EHR/fhir",
                "http://127.0.0.1:EHR/other-tenant",
                "http://127.0.0.1:EHR/fhir/../other-tenant",
                "http://127.0.0.1:EHR\\r\\nHost: rebound.example/fhir",
                "//rebound.example/fhir",
                "file:///etc",
                "ftp://127.0.0.1:CANARY/fhir",
                "gopher://127.0.0.1:CANARY/fhir"
            })
    void whatever_a_message_names_only_our_ehr_is_asked(String template) {
        String base = template.replace("CANARY", Integer.toString(canary.base().getPort()))
                .replace("EHR", Integer.toString(fhir.base().getPort()));
        put("ImagingStudy", imagingStudy(base));
        put("ServiceRequest", serviceRequest(base));
        put("DiagnosticReport", diagnosticReport(base));
        receiver.receive("POST", "/fhir/events", null, Map.of(), bytes(notification(base)));
        receiver.fetch(new CatchUp.Missed(base + "/Subscription/" + EVIL_ID, 1, 2));

        assertThat(canary.requests).isEmpty();
        assertThat(fhir.requests).noneMatch(r -> r.path().contains(EVIL_ID));
        assertThat(NamesLookedUp.names()).noneMatch(name -> name.contains(EVIL_NAME));
    }

    @Test
    void the_watch_on_names_does_see_a_look_up() {
        String name = "seen.invalid";
        try {
            InetAddress.getByName(name);
        } catch (java.net.UnknownHostException e) {
            // as it should be
        }
        assertThat(NamesLookedUp.names()).contains(name);
    }

    @Test
    void the_same_messages_with_our_own_ehr_in_them_are_followed() {
        put("ImagingStudy", imagingStudy(fhir.base().toString()));
        assertThat(fhir.requests).anyMatch(r -> r.path().contains(EVIL_ID));
    }

    private void put(String type, String json) {
        receiver.receive("PUT", "/fhir/events/" + type + "/x1", "application/fhir+json", Map.of(), bytes(json));
    }

    private static String imagingStudy(String base) {
        return """
                {"resourceType":"ImagingStudy","id":"x1","status":"available","modality":[{"code":"CT"}],
                 "contained":[{"resourceType":"Endpoint","id":"e","status":"active","connectionType":{"code":"dicom-wado-rs"},
                  "payloadType":[{"text":"x"}],"address":"BASE/Endpoint/evil-1"}],
                 "identifier":[{"system":"urn:dicom:uid","value":"urn:oid:%s"}],
                 "endpoint":[{"reference":"#e"},{"reference":"BASE/Endpoint/evil-1"}],
                 "encounter":{"reference":"BASE/Encounter/evil-1"},"basedOn":[{"reference":"BASE/ServiceRequest/evil-1"}],
                 "subject":{"reference":"BASE/Patient/evil-1","identifier":{"value":"M00001"}},
                 "procedureCode":[{"coding":[{"system":"http://loinc.org","code":"30799-1"}]}]}""".formatted(Samples.STUDY).replace("BASE", base);
    }

    private static String serviceRequest(String base) {
        return Samples.ORDER_JSON
                .replace("\"s1\"", "\"x1\"")
                .replace("\"Patient/p1\"", "\"" + base + "/Patient/evil-1\",\"identifier\":{\"value\":\"M00001\"}")
                .replace(
                        "\"authoredOn\"",
                        "\"encounter\":{\"reference\":\"" + base + "/Encounter/evil-1\"},\"authoredOn\"");
    }

    private static String diagnosticReport(String base) {
        return """
                {"resourceType":"DiagnosticReport","id":"x1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"18748-4"}]},
                 "identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"ACSN"}]},"value":"A00001"}],
                 "subject":{"reference":"BASE/Patient/evil-1"},"basedOn":[{"reference":"BASE/ServiceRequest/evil-1"}],
                 "imagingStudy":[{"reference":"BASE/ImagingStudy/evil-1"}],
                 "presentedForm":[{"contentType":"text/html","url":"BASE/Binary/evil-1"}]}""".replace("BASE", base);
    }

    private static String notification(String base) {
        return """
                {"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"Parameters","parameter":[
                 {"name":"subscription","valueReference":{"reference":"BASE/Subscription/evil-1"}},{"name":"status","valueCode":"active"},
                 {"name":"topic","valueCanonical":"BASE/SubscriptionTopic/evil-1"},{"name":"type","valueCode":"event-notification"},
                 {"name":"notification-event","part":[{"name":"event-number","valueString":"9"},
                  {"name":"focus","valueReference":{"reference":"BASE/ImagingStudy/evil-1"}}]}]},
                 "request":{"method":"GET","url":"BASE/Subscription/evil-1/$status"},"response":{"status":"200"}}]}""".replace("BASE", base);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
