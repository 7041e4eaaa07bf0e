package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FakeInbox;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.Priority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FhirEventReceiverTest {

    private static final String JSON = "application/fhir+json";

    private final MiniFhir fhir = new MiniFhir();
    private final FakeInbox inbox = new FakeInbox();
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final AtomicInteger catchUps = new AtomicInteger();
    private final List<CatchUp.Missed> missed = new ArrayList<>();
    private EhrClient ehr;
    private FhirEventReceiver receiver;

    @BeforeEach
    void start() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(Samples.ORDER_JSON);
        use(FhirConfig.Intake.DEFAULT);
    }

    private void use(FhirConfig.Intake intake) {
        FhirConfig config = FhirConfig.of(fhir.base())
                .withIntake(intake)
                .withLimits(new FhirConfig.Limits(Duration.ofSeconds(1), Duration.ofSeconds(2), 1 << 20));
        ehr = new EhrClient(config, audit, InstantSource.system());
        receiver = new FhirEventReceiver(
                config,
                ehr,
                inbox,
                new CatchUp() {
                    @Override
                    public void soon() {
                        catchUps.incrementAndGet();
                    }

                    @Override
                    public void soon(Missed events) {
                        missed.add(events);
                        soon();
                    }
                },
                new SubscriptionWatch(),
                audit,
                InstantSource.fixed(Samples.NOW));
    }

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        fhir.close();
    }

    @Test
    void a_rest_hook_resource_becomes_an_order_with_the_patient_of_the_ehr() {
        assertThat(put(Samples.imagingStudy("is1", 32)).status()).isEqualTo(200);

        ImagingOrder order = inbox.placed().getFirst().order();
        assertThat(order.key().studyUid().value()).isEqualTo(Samples.STUDY);
        assertThat(order.key().accession().value()).isEqualTo(Samples.ACCESSION);
        assertThat(order.expectedInstances()).isEqualTo(32);
        assertThat(order.patient().id().value()).isEqualTo(Samples.MRN);
        assertThat(order.patient().id().assigner()).isNull();
        assertThat(order.patient().sex()).isEqualTo(Patient.Sex.FEMALE);
        assertThat(order.patient().birthDate()).hasToString("1957-03-03");
        assertThat(order.ehr().patient()).isEqualTo("Patient/p1");
        assertThat(order.ehr().imagingStudy()).isEqualTo("ImagingStudy/is1");
        assertThat(order.origin().channel()).isEqualTo(Origin.Channel.FHIR);
        assertThat(order.origin().sender()).isEqualTo(ehr.base().origin());
        assertThat(order.procedure().isAnyOf(List.of("30799-1"))).isTrue();
    }

    @Test
    void promised_are_the_slices_of_the_ct_series_and_no_reports_or_masks() {
        String study = Samples.imagingStudy("is1", 36)
                .replace(
                        "\"numberOfSeries\":1",
                        "\"numberOfSeries\":2,\"series\":[{\"uid\":\"1.2.3\",\"modality\":{\"code\":\"CT\"},\"numberOfInstances\":33},"
                                + "{\"uid\":\"1.2.4\",\"modality\":{\"code\":\"SR\"},\"numberOfInstances\":3}]");
        assertThat(put(study).status()).isEqualTo(200);
        assertThat(inbox.placed().getFirst().order().expectedInstances()).isEqualTo(33);
    }

    @Test
    void the_same_resource_again_is_the_same_message_and_a_changed_one_is_not() {
        put(Samples.imagingStudy("is1", 32));
        assertThat(put(Samples.imagingStudy("is1", 32)).status()).isEqualTo(200);
        assertThat(inbox.placed()).hasSize(1);
        assertThat(put(Samples.imagingStudy("is1", 36)).status()).isEqualTo(200);
        assertThat(inbox.placed()).hasSize(2);
        assertThat(inbox.placed().getLast().order().expectedInstances()).isEqualTo(36);
    }

    @Test
    void the_order_behind_a_study_gives_priority_encounter_and_accession() {
        fhir.seed(
                "{\"resourceType\":\"Encounter\",\"id\":\"e1\",\"status\":\"in-progress\",\"class\":{\"code\":\"EMER\"},\"subject\":{\"reference\":\"Patient/p1\"}}");
        fhir.seed(Samples.ORDER_JSON
                .replace("\"stat\"", "\"routine\"")
                .replace("\"authoredOn\"", "\"encounter\":{\"reference\":\"Encounter/e1\"},\"authoredOn\""));
        String study = Samples.imagingStudy("is1", 32)
                .replace(
                        "\"numberOfSeries\"", "\"basedOn\":[{\"reference\":\"ServiceRequest/s1\"}],\"numberOfSeries\"");
        put(study);

        ImagingOrder order = inbox.placed().getFirst().order();
        assertThat(order.priority()).isEqualTo(Priority.STAT);
        assertThat(order.patientClass()).isEqualTo("E");
        assertThat(order.ehr().encounter()).isEqualTo("Encounter/e1");
        assertThat(order.ehr().serviceRequest()).isEqualTo("ServiceRequest/s1");
        assertThat(order.orderedAt()).hasToString("2026-03-01T10:00:00Z");
    }

    @Test
    void a_study_without_accession_is_an_order_and_one_without_any_name_is_refused() {
        String bare = Samples.imagingStudy("is1", 32).replaceAll("(?s),\\s*\\{\"type\".*?\"A00001\"}", "");
        assertThat(put(bare).status()).isEqualTo(200);
        assertThat(inbox.placed().getFirst().order().key().accession()).isNull();
        assertThat(put(Samples.imagingStudy("is1", 32)
                                .replaceAll("(?s)\"identifier\":\\[.*?],\\s*\"modality\"", "\"modality\""))
                        .status())
                .isEqualTo(422);
    }

    @Test
    void a_patient_identifier_without_a_system_is_one_too() {
        fhir.seed(Samples.PATIENT_JSON.replace("\"system\":\"urn:hosp:mrn\",", ""));
        assertThat(put(Samples.imagingStudy("is1", 32)).status()).isEqualTo(200);
        assertThat(inbox.placed().getFirst().order().patient().id().value()).isEqualTo(Samples.MRN);
    }

    @Test
    void studies_of_other_regions_and_our_own_are_not_for_us() {
        put(Samples.imagingStudy("is1", 32).replace("30799-1", "24566-2"));
        put(Samples.imagingStudy("is1", 32).replace("\"CT\"", "\"MR\""));
        put(Samples.imagingStudy("is1", 32)
                .replace("\"status\"", "\"meta\":{\"tag\":[{\"code\":\"made-by-bloodnet\"}]},\"status\""));
        assertThat(inbox.events).hasSize(3).allMatch(OrderEvent.NotForUs.class::isInstance);
    }

    @Test
    void a_cancelled_study_and_a_revoked_order_cancel() {
        put(Samples.imagingStudy("is1", 32).replace("available", "cancelled"));
        for (String status : List.of("revoked", "on-hold")) {
            fhir.seed(Samples.ORDER_JSON.replace("\"active\"", "\"" + status + "\""));
            request("PUT", "/fhir/events/ServiceRequest/s1", Samples.ORDER_JSON);
        }
        assertThat(inbox.events.get(0)).isInstanceOf(OrderEvent.Cancelled.class);
        assertThat(inbox.events.get(1)).isInstanceOf(OrderEvent.Cancelled.class);
        assertThat(inbox.events.get(2)).isInstanceOf(OrderEvent.Held.class);
    }

    @Test
    void a_service_request_is_an_order() {
        assertThat(request("POST", "/fhir/events/ServiceRequest/s1", Samples.ORDER_JSON)
                        .status())
                .isEqualTo(200);
        ImagingOrder order = inbox.placed().getFirst().order();
        assertThat(order.priority()).isEqualTo(Priority.STAT);
        assertThat(order.key().accession().value()).isEqualTo(Samples.ACCESSION);
        assertThat(order.key().studyUid()).isNull();
    }

    @Test
    void an_empty_ping_makes_us_look() {
        assertThat(receiver.receive("POST", "/fhir/events", null, Map.of(), new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(receiver.receive("POST", "/fhir/events/", JSON, Map.of(), new byte[0])
                        .status())
                .isEqualTo(200);
        assertThat(catchUps).hasValue(2);
    }

    @Test
    void handshake_and_heartbeat_are_taken_and_say_nothing() {
        assertThat(notify(notification("handshake", 0)).status()).isEqualTo(200);
        assertThat(notify(notification("heartbeat", 0)).status()).isEqualTo(200);
        assertThat(inbox.events).isEmpty();
        assertThat(catchUps).hasValue(0);
    }

    @Test
    void an_id_only_notification_is_read_from_the_ehr() {
        fhir.seed(Samples.imagingStudy("is1", 32));
        assertThat(notify(notification("event-notification", 1, 1, fhir.base() + "/ImagingStudy/is1"))
                        .status())
                .isEqualTo(200);
        assertThat(inbox.placed()).hasSize(1);
        assertThat(catchUps).hasValue(0);
    }

    @Test
    void a_gap_in_the_event_numbers_makes_us_look_and_a_late_event_does_not() {
        fhir.seed(Samples.imagingStudy("is1", 32));
        String focus = "ImagingStudy/is1";
        notify(notification("event-notification", 1, 1, focus));
        notify(notification("event-notification", 3, 3, focus));
        assertThat(catchUps).hasValue(1);
        notify(notification("event-notification", 3, 2, focus));
        notify(notification("event-notification", 4, 4, focus));
        assertThat(catchUps).hasValue(1);
        notify(notification("heartbeat", 6));
        assertThat(catchUps).hasValue(2);
    }

    @Test
    void an_event_that_does_not_say_what_it_is_about_makes_us_look() {
        String unsaid = notification("event-notification", 1, 1, "ImagingStudy/x")
                .replaceFirst(",\\{\"name\":\"focus\".*?\\}\\}", "");
        assertThat(unsaid).contains("event-number").doesNotContain("focus");
        assertThat(notify(unsaid).status()).isEqualTo(200);
        assertThat(catchUps).hasValue(1);
        assertThat(missed).as("no number is missing").isEmpty();
    }

    @Test
    void missed_events_are_named_by_their_numbers() {
        notify(notification("event-notification", 1, 1, "ImagingStudy/none"));
        notify(notification("event-notification", 3, 3, "ImagingStudy/none"));
        notify(notification("heartbeat", 5));
        String subscription = fhir.base() + "/Subscription/b";
        assertThat(missed)
                .containsExactly(new CatchUp.Missed(subscription, 2, 2), new CatchUp.Missed(subscription, 4, 5));
    }

    @Test
    void a_focus_on_another_server_is_refused_and_never_dialled() throws IOException {
        try (MiniFhir canary = new MiniFhir()) {
            for (String base : List.of(
                    canary.base().toString(),
                    fhir.base().toString().replace("127.0.0.1", "127.0.0.1.evil.example"),
                    fhir.base().toString().replace("http://", "http://evil@"),
                    fhir.root() + "/other-tenant")) {
                FhirAnswer answer = notify(notification("event-notification", 1, 1, base + "/ImagingStudy/is1"));
                assertThat(answer.status()).as(base).isEqualTo(422);
            }
            assertThat(canary.requests).isEmpty();
            assertThat(fhir.requests).isEmpty();
        }
    }

    @Test
    void a_subject_on_another_server_is_not_dialled_and_its_identifier_is_used() throws IOException {
        try (MiniFhir canary = new MiniFhir()) {
            FhirAnswer answer =
                    put(Samples.imagingStudy("is1", 32).replace("Patient/p1", canary.base() + "/Patient/p1"));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(inbox.placed().getFirst().order().patient().id().value()).isEqualTo(Samples.MRN);
            assertThat(canary.requests).isEmpty();
        }
    }

    @Test
    void while_the_ehr_or_the_inbox_is_away_the_sender_is_told_to_repeat() throws IOException {
        inbox.unavailable = true;
        assertThat(put(Samples.imagingStudy("is1", 32)).status()).isEqualTo(503);
        inbox.unavailable = false;
        fhir.close();
        FhirAnswer answer = put(Samples.imagingStudy("is1", 32));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.retryAfterSeconds()).isEqualTo(5);
        assertThat(inbox.events).isEmpty();
    }

    @Test
    void without_the_secret_nothing_is_looked_at() {
        use(new FhirConfig.Intake(
                headCtCodes(), new FhirConfig.Secret("X-Bloodnet-Secret", "s3cret"), Duration.ZERO, null));
        byte[] body = bytes(Samples.imagingStudy("is1", 32));
        String path = "/fhir/events/ImagingStudy/is1";
        assertThat(receiver.receive("PUT", path, JSON, Map.of(), body).status()).isEqualTo(401);
        assertThat(receiver.receive("PUT", path, JSON, Map.of("X-Bloodnet-Secret", "s3cre"), body)
                        .status())
                .isEqualTo(401);
        assertThat(audit.events(AuditEvent.AccessRefused.class)).hasSize(2);
        assertThat(receiver.receive("PUT", path, JSON, Map.of("x-bloodnet-secret", "s3cret"), body)
                        .status())
                .isEqualTo(200);
    }

    private static java.util.Set<String> headCtCodes() {
        return FhirConfig.Intake.DEFAULT.headCtCodes();
    }

    static Stream<Arguments> bad() {
        String good = Samples.imagingStudy("is1", 32);
        String path = "/fhir/events/ImagingStudy/is1";
        String deep = "{\"resourceType\":\"ImagingStudy\",\"id\":\"is1\",\"extension\":"
                + "[{\"extension\":".repeat(5000) + "[]" + "}]".repeat(5000) + "}";
        return Stream.of(
                Arguments.of("truncated", "PUT", path, good.substring(0, good.length() / 2), 400),
                Arguments.of("another type", "PUT", path, "{\"resourceType\":\"Patient\",\"id\":\"is1\"}", 400),
                Arguments.of("no JSON", "PUT", path, "\u0000<xml/>", 400),
                Arguments.of(
                        "XML with a DTD",
                        "PUT",
                        path,
                        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><ImagingStudy/>",
                        400),
                Arguments.of("empty", "PUT", path, "", 400),
                Arguments.of("an array", "PUT", path, "[1,2,3]", 400),
                Arguments.of("another id", "PUT", path, Samples.imagingStudy("other", 32), 400),
                Arguments.of("deep", "PUT", path, deep, 400),
                Arguments.of("a key twice", "PUT", path, good.replaceFirst("\\{", "{\"id\":\"is1\","), 400),
                Arguments.of(
                        "a monstrous number",
                        "PUT",
                        path,
                        good.replace("\"numberOfSeries\":1", "\"numberOfSeries\":1e400000"),
                        400),
                Arguments.of("a wrong value", "PUT", path, good.replace("\"available\"", "\"M00001\""), 400),
                Arguments.of("a resource as notification", "POST", "/fhir/events", Samples.PATIENT_JSON, 400),
                Arguments.of(
                        "another Bundle",
                        "POST",
                        "/fhir/events",
                        "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[]}",
                        400),
                Arguments.of(
                        "no entries",
                        "POST",
                        "/fhir/events",
                        "{\"resourceType\":\"Bundle\",\"type\":\"history\"}",
                        400),
                Arguments.of("type not taken", "PUT", "/fhir/events/Patient/1", Samples.PATIENT_JSON, 404),
                Arguments.of("traversal", "PUT", "/fhir/events/ImagingStudy/../x", good, 404),
                Arguments.of("DELETE", "DELETE", path, "", 405),
                Arguments.of("GET", "GET", "/fhir/events", "", 405));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void bad_input_gets_an_operation_outcome_that_says_nothing_of_the_patient(
            String what, String method, String path, String body, int status) {
        FhirAnswer answer = receiver.receive(method, path, body.isEmpty() ? null : JSON, Map.of(), bytes(body));
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(text)
                .contains("OperationOutcome")
                .doesNotContain(Samples.MRN)
                .doesNotContain("Exception");
        assertThat(inbox.events).isEmpty();
    }

    @Test
    void too_long_and_wrongly_typed_bodies_are_refused_unread() {
        byte[] long_ = new byte[FhirEventReceiver.BODY_BYTES_MAX + 1];
        Arrays.fill(long_, (byte) ' ');
        assertThat(receiver.receive("PUT", "/fhir/events/ImagingStudy/is1", JSON, Map.of(), long_)
                        .status())
                .isEqualTo(413);
        for (String type : List.of("application/pdf", "application/fhir+xml", "text/xml", "multipart/form-data")) {
            assertThat(receiver.receive("PUT", "/fhir/events/ImagingStudy/is1", type, new HashMap<>(), bytes("{}"))
                            .status())
                    .isEqualTo(415);
        }
    }

    /** An event about what the EHR holds. */
    private FhirAnswer put(String study) {
        fhir.seed(study);
        return request("PUT", "/fhir/events/ImagingStudy/is1", study);
    }

    private FhirAnswer request(String method, String path, String body) {
        return receiver.receive(method, path, JSON + ";charset=utf-8", Map.of(), bytes(body));
    }

    private FhirAnswer notify(String bundle) {
        return request("POST", "/fhir/events", bundle);
    }

    private String notification(String kind, int since) {
        return notification(kind, since, 0, null);
    }

    private String notification(String kind, int since, int number, String focus) {
        String event = focus == null
                ? ""
                : ",{\"name\":\"notification-event\",\"part\":[{\"name\":\"event-number\",\"valueString\":\"" + number
                        + "\"},{\"name\":\"focus\",\"valueReference\":{\"reference\":\"" + focus + "\"}}]}";
        return "{\"resourceType\":\"Bundle\",\"type\":\"history\",\"entry\":[{\"fullUrl\":\"urn:uuid:2f1d2b0e-3a1f-4d7e-9d5a-0c0b0a090807\",\"resource\":{\"resourceType\":\"Parameters\",\"parameter\":["
                + "{\"name\":\"subscription\",\"valueReference\":{\"reference\":\"" + fhir.base()
                + "/Subscription/b\"}},"
                + "{\"name\":\"status\",\"valueCode\":\"active\"},{\"name\":\"type\",\"valueCode\":\"" + kind + "\"},"
                + "{\"name\":\"events-since-subscription-start\",\"valueString\":\"" + since + "\"}" + event
                + "]},\"request\":{\"method\":\"GET\",\"url\":\"Subscription/b/$status\"},\"response\":{\"status\":\"200\"}}]}";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
