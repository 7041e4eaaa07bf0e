package io.bloodnet.fhir;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.About;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.eventin.EhrPoller;
import io.bloodnet.fhir.eventin.FhirEventReceiver;
import io.bloodnet.fhir.eventin.SubscriptionKeeper;
import io.bloodnet.fhir.eventin.SubscriptionWatch;
import io.bloodnet.fhir.resultout.EhrDestination;
import io.bloodnet.fhir.resultout.EhrTasks;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.order.StudyUid;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.Subscription;
import org.hl7.fhir.r4.model.Task;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The whole contract, results out and events in, against a real HAPI FHIR JPA server. Each test begins with an empty EHR. */
class HapiJpaTest {

    private static final EhrClient.Purpose PURPOSE = new EhrClient.Purpose(About.nothing(), "a test");
    private static final long WITHIN_S = 120;
    private static HapiJpa hapi;

    private final HttpClient http = HttpClient.newHttpClient();
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private EhrClient ehr;
    private EhrDestination destination;

    @BeforeAll
    static void startServer() throws Exception {
        hapi = HapiJpa.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (hapi != null) {
            hapi.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        ehr = new EhrClient(config(), audit, InstantSource.system());
        destination = destination();
        empty();
        put("Patient/p1", Samples.PATIENT_JSON);
        put("ServiceRequest/s1", Samples.ORDER_JSON);
    }

    /** In rounds, since it does not let go of what others still refer to. */
    private void empty() throws Exception {
        List<Class<? extends Resource>> types = List.of(
                Subscription.class,
                Provenance.class,
                Task.class,
                DiagnosticReport.class,
                Observation.class,
                org.hl7.fhir.r4.model.DocumentReference.class,
                org.hl7.fhir.r4.model.Device.class,
                ImagingStudy.class,
                ServiceRequest.class,
                Patient.class);
        int left = 1;
        for (int round = 1; left > 0; round++) {
            assertThat(round).as("rounds of deleting").isLessThan(6);
            left = 0;
            for (Class<? extends Resource> type : types) {
                for (Resource old : ehr.list(type, Map.of("_count", "100"), PURPOSE)) {
                    String reference =
                            type.getSimpleName() + "/" + old.getIdElement().getIdPart();
                    left += send("DELETE", reference, null) == 409 ? 1 : 0;
                }
            }
        }
    }

    @AfterEach
    void stop() {
        ehr.close();
    }

    @Test
    void a_report_is_filed_once_under_the_patient_and_order_of_the_ehr_and_again_changes_nothing() {
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);

        DiagnosticReport report = reports().getFirst();
        assertThat(reports()).hasSize(1);
        assertThat(report.getSubject().getReference()).isEqualTo("Patient/p1");
        assertThat(report.getBasedOnFirstRep().getReference()).isEqualTo("ServiceRequest/s1");
        assertThat(report.getResult()).hasSize(4);
        assertThat(all(Observation.class)).hasSize(4);
        assertThat(all(Provenance.class)).hasSize(1);
        assertThat(all(Task.class)).hasSize(1);
        Map<String, String> before = versions();

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(destination().deliver(Samples.positive()))
                .as("after a restart")
                .isInstanceOf(Outcome.Delivered.class);
        assertThat(versions()).isEqualTo(before);
    }

    @Test
    void the_label_that_it_does_not_know_is_replaced_by_a_tag() {
        destination.deliver(Samples.positive());
        DiagnosticReport report = reports().getFirst();
        assertThat(report.getMeta().getSecurity()).isEmpty();
        assertThat(report.getMeta().getTag("urn:bloodnet:codes", "AIAST")).isNotNull();
    }

    @Test
    void six_servers_that_deliver_the_same_report_at_once_file_it_once() {
        List<FindingReport> same =
                IntStream.range(0, 6).mapToObj(_ -> Samples.positive()).toList();
        same.parallelStream().forEach(report -> {
            EhrDestination other = destination();
            Outcome outcome = other.deliver(report);
            for (int attempt = 2; attempt <= 10 && outcome instanceof Outcome.Retry; attempt++) {
                outcome = other.deliver(report);
            }
            assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
        });
        assertThat(reports()).hasSize(1);
        assertThat(all(Observation.class)).hasSize(4);
        assertThat(all(org.hl7.fhir.r4.model.Device.class)).hasSize(1);
    }

    @Test
    void negative_not_analyzed_corrected_and_withdrawn_are_taken() {
        assertThat(destination.deliver(Samples.negative())).isInstanceOf(Outcome.Delivered.class);
        assertThat(reports().getFirst().hasConclusionCode()).isFalse();
        assertThat(destination.deliver(Samples.notAnalyzed())).isInstanceOf(Outcome.Delivered.class);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(destination.deliver(Samples.corrected())).isInstanceOf(Outcome.Delivered.class);
        assertThat(reports()).anyMatch(r -> r.getMeta().getTag("urn:bloodnet:codes", "superseded") != null);

        assertThat(destination.deliver(Samples.withdrawn())).isInstanceOf(Outcome.Delivered.class);
        assertThat(reports()).anyMatch(r -> r.getStatus() == DiagnosticReport.DiagnosticReportStatus.ENTEREDINERROR);
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("withdrawn-in-ehr"));
    }

    @Test
    void an_order_is_one_task_from_requested_to_completed_and_withdrawn() {
        assertThat(tell(destination, EhrTasks.Stage.WAITING)).isTrue();
        assertThat(task().getStatus()).isEqualTo(Task.TaskStatus.REQUESTED);
        assertThat(task().getFocus().getReference()).isEqualTo("ServiceRequest/s1");
        assertThat(task().getFor().getReference()).isEqualTo("Patient/p1");
        String requested = task().getMeta().getVersionId();
        assertThat(tell(destination(), EhrTasks.Stage.WAITING)).isTrue();
        assertThat(task().getMeta().getVersionId())
                .as("the same again writes nothing")
                .isEqualTo(requested);
        String id = task().getIdElement().getIdPart();

        assertThat(tell(destination, EhrTasks.Stage.ANALYZING)).isTrue();
        assertThat(task().getStatus()).isEqualTo(Task.TaskStatus.INPROGRESS);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(task().getStatus()).isEqualTo(Task.TaskStatus.COMPLETED);
        assertThat(task().getIdElement().getIdPart()).as("the same Task").isEqualTo(id);
        assertThat(((Reference) task().getOutputFirstRep().getValue()).getReference())
                .isEqualTo("DiagnosticReport/"
                        + reports().getFirst().getIdElement().getIdPart());

        Map<String, String> before = versions();
        for (EhrTasks.Stage late : EhrTasks.Stage.values()) {
            assertThat(tell(destination, late)).isTrue();
        }
        assertThat(versions()).as("never changed once it has ended").isEqualTo(before);
        assertThat(destination.deliver(Samples.withdrawn())).isInstanceOf(Outcome.Delivered.class);
        assertThat(task().getStatus()).isEqualTo(Task.TaskStatus.ENTEREDINERROR);
    }

    /** It lets two Tasks through now and then: the guard of a conditional create is gone once what was created is updated. */
    @RepeatedTest(4)
    void words_and_the_result_that_come_at_once_leave_one_completed_task() {
        List<Runnable> atOnce = Stream.concat(
                        Stream.of(EhrTasks.Stage.WAITING, EhrTasks.Stage.ANALYZING, EhrTasks.Stage.HELD)
                                .map(stage -> untilSettled(server -> tell(server, stage))),
                        Stream.generate(() -> untilSettled(
                                        server -> server.deliver(Samples.positive()) instanceof Outcome.Delivered))
                                .limit(2))
                .toList();
        atOnce.parallelStream().forEach(Runnable::run);
        assertThat(task().getStatus()).isEqualTo(Task.TaskStatus.COMPLETED);
        assertThat(reports()).hasSize(1);
    }

    /** One server of several, which goes on until the EHR has taken it. */
    private Runnable untilSettled(java.util.function.Predicate<EhrDestination> step) {
        EhrDestination server = destination();
        return () -> {
            int attempts = 1;
            while (!step.test(server)) {
                attempts++;
                assertThat(attempts).as("attempts").isLessThanOrEqualTo(10);
            }
        };
    }

    private boolean tell(EhrDestination server, EhrTasks.Stage stage) {
        return server.tasks()
                .tell(
                        "job-1",
                        Samples.order(),
                        new StudyUid(Samples.STUDY),
                        Samples.MODEL.version(),
                        stage,
                        stage == EhrTasks.Stage.HELD ? "a person must decide" : null);
    }

    private Task task() {
        List<Task> tasks = all(Task.class).stream()
                .filter(task -> task.hasIdentifier() || task.getStatus() != Task.TaskStatus.ENTEREDINERROR)
                .toList();
        assertThat(tasks).as("never two").hasSize(1);
        return tasks.getFirst();
    }

    @Test
    void a_report_that_a_person_signed_is_left_alone() {
        destination.deliver(Samples.positive());
        DiagnosticReport signed = reports().getFirst();
        String version = signed.getMeta().getVersionId();
        ResourceId id = new ResourceId("DiagnosticReport", signed.getIdElement().getIdPart());
        signed.setStatus(DiagnosticReport.DiagnosticReportStatus.FINAL);
        assertThat(ehr.update(id, signed, version).isSuccess()).isTrue();
        assertThat(ehr.update(id, signed, version).status()).as("stale version").isIn(200, 409, 412);

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(destination.deliver(Samples.withdrawn())).isEqualTo(new Outcome.Refused("signed-by-human"));
        assertThat(reports().getFirst().getStatus()).isEqualTo(DiagnosticReport.DiagnosticReportStatus.FINAL);
    }

    @Test
    void duplicates_and_doubtful_patients_stop_for_a_person() throws Exception {
        destination.deliver(Samples.positive());
        DiagnosticReport copy = reports().getFirst();
        copy.setId((String) null);
        ehr.create(copy);
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("duplicate-in-ehr"));

        put("Patient/p2", Samples.PATIENT_JSON.replace("\"p1\"", "\"p2\"").replace("urn:hosp:mrn", "urn:other:mrn"));
        assertThat(destination.deliver(Samples.notAnalyzed())).isEqualTo(new Outcome.Mismatch("patient-ambiguous"));
    }

    @Test
    void our_subscriptions_bring_new_studies_and_come_back_when_deleted() throws Exception {
        FakeInbox inbox = new FakeInbox();
        SubscriptionWatch watch = new SubscriptionWatch();
        try (Callback callback = new Callback()) {
            FhirConfig config = config().withIntake(new FhirConfig.Intake(
                    FhirConfig.Intake.DEFAULT.headCtCodes(),
                    new FhirConfig.Secret("X-BloodNet-Secret", "a shared secret"),
                    Duration.ofMinutes(5),
                    new FhirConfig.Subscribing(callback.root().resolve("/fhir/events"), null, Duration.ofMinutes(1))));
            callback.receiver =
                    new FhirEventReceiver(config, ehr, inbox, () -> {}, watch, audit, InstantSource.system());
            callback.start();
            SubscriptionKeeper keeper =
                    new SubscriptionKeeper(config, ehr, () -> {}, watch, audit, InstantSource.system());
            assertThat(keeper.keepOnce()).isEqualTo(2);
            await(
                    "both are active",
                    () -> keeper.keepOnce() == 0 && keeper.standing().active() == 2);

            put("ImagingStudy/is1", withSeries(Samples.imagingStudy("is1", 32)));
            await("the study was announced", () -> announced(inbox).anyMatch("ImagingStudy/is1"::equals));
            assertThat(inbox.placed())
                    .allMatch(p -> "Patient/p1".equals(p.order().ehr().patient()));
            assertThat(inbox.refusals).isEmpty();

            String gone = all(Subscription.class).getFirst().getIdElement().getIdPart();
            assertThat(send("DELETE", "Subscription/" + gone, null)).isBetween(200, 204);
            assertThat(keeper.keepOnce()).isEqualTo(1);
            await(
                    "both are active again",
                    () -> keeper.keepOnce() == 0 && keeper.standing().active() == 2);
        }
    }

    @Test
    void polling_finds_what_was_not_announced() throws Exception {
        Instant before = Instant.now().minusSeconds(60);
        put("ImagingStudy/is1", Samples.imagingStudy("is1", 32));
        FakeInbox inbox = new FakeInbox();
        EhrPoller poller = new EhrPoller(config(), ehr, inbox, java.util.Optional::empty, InstantSource.system());
        Instant watermark = poller.pollOnce(before);
        assertThat(watermark).isAfter(before);
        assertThat(inbox.placed()).hasSizeGreaterThanOrEqualTo(1);
        int known = inbox.messages.size();
        poller.pollOnce(watermark);
        assertThat(inbox.messages).hasSize(known);
    }

    /** The search parameter modality looks into the series (FHIR R4 ImagingStudy). */
    private static String withSeries(String study) {
        return study.replace("\"numberOfSeries\"", """
                "series":[{"uid":"1.2.3","modality":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"CT"}}],"numberOfSeries\"""");
    }

    private static Stream<String> announced(FakeInbox inbox) {
        return List.copyOf(inbox.placed()).stream()
                .map(p -> String.valueOf(p.order().ehr().imagingStudy()));
    }

    private FhirConfig config() {
        return FhirConfig.of(hapi.base())
                .withLimits(new FhirConfig.Limits(Duration.ofSeconds(30), Duration.ofMinutes(2), 8 << 20));
    }

    private EhrDestination destination() {
        return new EhrDestination(
                ehr, config(), Samples.SYSTEM, new FakeMadeResources(), audit, InstantSource.system());
    }

    private List<DiagnosticReport> reports() {
        return all(DiagnosticReport.class);
    }

    private <T extends DomainResource> List<T> all(Class<T> type) {
        return ehr.list(type, Map.of("_count", "100"), PURPOSE);
    }

    private Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        for (Class<? extends DomainResource> type :
                List.of(DiagnosticReport.class, Observation.class, Task.class, Provenance.class)) {
            all(type)
                    .forEach(r -> versions.put(
                            r.fhirType() + "/" + r.getIdElement().getIdPart(),
                            r.getMeta().getVersionId()));
        }
        return versions;
    }

    private void put(String reference, String json) throws IOException, InterruptedException {
        assertThat(send("PUT", reference, json)).as(reference).isIn(200, 201);
    }

    private int send(String method, String path, String json) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(hapi.base() + "/" + path))
                .header("Content-Type", "application/fhir+json")
                .method(
                        method,
                        json == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + WITHIN_S * 1_000_000_000L;
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            Thread.sleep(200); // another process works meanwhile
        }
    }

    /** Our event endpoint. */
    private static final class Callback extends MiniHttp {
        private FhirEventReceiver receiver;

        @Override
        protected Reply reply(Request request) {
            FhirAnswer answer = receiver.receive(
                    request.method(),
                    request.path(),
                    request.headers().get("Content-Type"),
                    request.headers(),
                    request.body());
            return new Reply(answer.status(), Map.of("Content-Type", "application/fhir+json"), answer.body());
        }
    }
}
