package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.MiniHttp.Fault;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.Validation;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.fhir.resultout.EhrTasks.Stage;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.order.StudyUid;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Task;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the EHR hears of an order before there is a result. */
class EhrTasksTest extends FilingFixture {

    private boolean tell(Stage stage, @Nullable String reason) {
        FindingReport order = Samples.positive();
        return destination
                .tasks()
                .tell("job-1", order.order(), new StudyUid(Samples.STUDY), Samples.MODEL.version(), stage, reason);
    }

    private ObjectNode task() {
        assertThat(fhir.all("Task")).as("never two").hasSize(1);
        return fhir.all("Task").getFirst();
    }

    private String status() {
        return task().get("status").asText();
    }

    @Test
    void a_waiting_order_is_a_requested_task_that_its_result_completes() {
        assertThat(tell(Stage.WAITING, null)).isTrue();
        assertThat(status()).isEqualTo("requested");
        assertThat(task().at("/focus/reference").asText()).isEqualTo("ServiceRequest/s1");
        assertThat(task().at("/for/reference").asText()).isEqualTo("Patient/p1");
        assertThat(task().has("output")).isFalse();
        assertThat(Validation.errors(FhirJson.read(task().toString().getBytes(StandardCharsets.UTF_8), Task.class)
                        .orElseThrow()))
                .isEmpty();
        tell(Stage.ANALYZING, null);
        assertThat(status()).isEqualTo("in-progress");

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(status()).isEqualTo("completed");
        assertThat(task().at("/output/0/valueReference/reference").asText()).startsWith("DiagnosticReport/");
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void what_is_held_failed_or_cancelled_says_why_and_the_same_again_writes_nothing() {
        tell(Stage.WAITING, null);
        for (Stage stage : List.of(Stage.HELD, Stage.FAILED)) {
            tell(stage, "a reason");
            assertThat(task().at("/statusReason/text").asText()).isEqualTo("a reason");
            Map<String, String> before = snapshot();
            tell(stage, "a reason");
            assertThat(snapshot()).isEqualTo(before);
        }
        assertThat(status()).isEqualTo("failed");
        assertThat(audit.events(AuditEvent.DeliveryIntended.class))
                .extracting(AuditEvent.DeliveryIntended::idempotencyKey)
                .containsExactly("Task requested", "Task on-hold", "Task failed");
        assertThat(audit.events(AuditEvent.DeliveryEnded.class)).hasSize(3);
    }

    @Test
    void a_result_whose_order_is_called_off_stays_and_its_task_is_marked_once() {
        assertThat(tellCalledOff()).as("nothing to mark").isTrue();
        destination.deliver(Samples.positive());
        assertThat(tellCalledOff()).isTrue();
        assertThat(status()).isEqualTo("completed");
        assertThat(task().at("/businessStatus/text").asText())
                .isEqualTo("Order called off after this result was filed");
        assertThat(fhir.all("DiagnosticReport").getFirst().get("status").asText())
                .isEqualTo("preliminary");
        Map<String, String> before = snapshot();
        tellCalledOff();
        assertThat(snapshot()).isEqualTo(before);
        assertThat(audit.events(AuditEvent.DeliveryIntended.class))
                .extracting(AuditEvent.DeliveryIntended::idempotencyKey)
                .containsExactly("Task called off");
    }

    @Test
    void filing_a_called_off_result_again_keeps_the_mark() {
        destination.deliver(Samples.positive());
        tellCalledOff();
        destination.deliver(Samples.positive());
        assertThat(task().at("/businessStatus/text").asText())
                .isEqualTo("Order called off after this result was filed");
        destination.deliver(Samples.withdrawn());
        assertThat(status()).isEqualTo("entered-in-error");
        assertThat(task().has("businessStatus")).isTrue();
    }

    private boolean tellCalledOff() {
        return destination
                .tasks()
                .tellCalledOff(
                        "job-1", Samples.positive().order(), new StudyUid(Samples.STUDY), Samples.MODEL.version());
    }

    @Test
    void a_complaint_about_the_task_may_name_only_its_place() {
        Bundle sent = new Bundle();
        sent.addEntry().setResource(new DiagnosticReport());
        sent.addEntry().setResource(new Task());
        for (String place : List.of("Bundle.entry[1].resource", "Task.owner")) {
            assertThat(EhrProfile.refusesTask(refusal(place, "not taken here"), sent))
                    .as(place)
                    .isTrue();
        }
        assertThat(EhrProfile.refusesTask(refusal("Bundle.entry[0].resource", "not taken here"), sent))
                .isFalse();
        assertThat(EhrProfile.refusesTask(refusal("Bundle.entry[7].resource", "MultiTasking is off"), sent))
                .isFalse();
    }

    private static EhrAnswer refusal(String place, String words) {
        OperationOutcome outcome = new OperationOutcome();
        outcome.addIssue()
                .setSeverity(OperationOutcome.IssueSeverity.ERROR)
                .setDiagnostics(words)
                .addExpression(place);
        return new EhrAnswer(422, FhirJson.write(outcome), null);
    }

    @Test
    void a_late_word_never_overtakes_the_result() {
        destination.deliver(Samples.positive());
        Map<String, String> before = snapshot();
        for (Stage stage : Stage.values()) {
            assertThat(tell(stage, null)).isTrue();
        }
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void a_result_between_our_look_and_our_write_stays() {
        for (String method : List.of("POST", "PUT")) {
            fhir.store.keySet().removeIf(key -> key.startsWith("Task/"));
            fhir.faultable = request -> false;
            if (method.equals("PUT")) {
                tell(Stage.WAITING, null);
            }
            fhir.faultable = request -> {
                if (request.method().equals(method)
                        && request.path().startsWith("/fhir/Task")
                        && !request.path().endsWith("_search")) {
                    fhir.faultable = r -> false;
                    destination.deliver(Samples.positive());
                }
                return false;
            };
            boolean done = tell(Stage.ANALYZING, null);
            assertThat(status()).as(method).isEqualTo("completed");
            assertThat(done)
                    .as("nothing was overwritten; after a conflict it is asked again")
                    .isEqualTo(method.equals("POST"));
        }
    }

    @Test
    void a_lost_race_for_the_task_is_no_refusal_of_it() {
        tell(Stage.ANALYZING, null);
        fhir.conflicts.add("Version conflict on Task/1/_history/2");
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("http-409", null));
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(status()).as("not left in progress").isEqualTo("completed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "zz"})
    void of_two_open_tasks_the_first_goes_on_and_the_other_is_taken_back(String other) {
        tell(Stage.WAITING, null);
        String ours = task().get("id").asText();
        addTwin(other);
        assertThat(tell(Stage.ANALYZING, null)).as("told again").isFalse();
        assertTakenBack(ours.compareTo(other) < 0 ? other : ours);
        assertThat(tell(Stage.ANALYZING, null)).isTrue();
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("Task"))
                .extracting(t -> t.get("status").asText())
                .containsExactlyInAnyOrder("completed", "entered-in-error");
        assertThat(audit.events(AuditEvent.DeliveryIntended.class))
                .extracting(AuditEvent.DeliveryIntended::idempotencyKey)
                .contains("Task entered-in-error");
    }

    @Test
    void two_tasks_that_have_ended_are_left_to_a_person() {
        destination.deliver(Samples.positive());
        addTwin("zz");
        Map<String, String> before = snapshot();
        tell(Stage.ANALYZING, null);
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void a_twin_that_came_with_our_own_write_is_taken_back_and_what_has_ended_stays() {
        tell(Stage.WAITING, null);
        ObjectNode early = task().deepCopy();
        for (String writer : List.of("early word", "result")) {
            fhir.store.keySet().removeIf(key -> key.startsWith("Task/"));
            boolean[] wrote = {false};
            fhir.faultable = r -> {
                wrote[0] |= r.method().equals("POST")
                        && (r.path().equals("/fhir") || r.path().equals("/fhir/Task"));
                if (wrote[0] && r.path().equals("/fhir/Task/_search")) {
                    fhir.faultable = _ -> false;
                    String id = writer.equals("result") ? "00" : "zz"; // what has ended stays, whatever its id
                    fhir.store.put("Task/" + id, early.deepCopy().put("id", id));
                }
                return false;
            };
            if (writer.equals("result")) {
                assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
                assertTakenBack("00");
            } else {
                tell(Stage.WAITING, null);
                assertTakenBack("zz");
            }
            assertThat(fhir.all("Task"))
                    .as(writer)
                    .filteredOn(t -> t.has("identifier"))
                    .hasSize(1);
        }
        assertThat(audit.events(AuditEvent.DeliveryEnded.class))
                .extracting(AuditEvent.DeliveryEnded::idempotencyKey)
                .filteredOn("Task entered-in-error"::equals)
                .as("each is audited, whoever took it back")
                .hasSize(2);
    }

    @Test
    void while_there_are_two_tasks_the_result_goes_without_one() {
        tell(Stage.WAITING, null);
        addTwin("zz");
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport")).hasSize(1);
    }

    private void addTwin(String id) {
        fhir.store.put("Task/" + id, task().deepCopy().put("id", id));
    }

    private void assertTakenBack(String id) {
        ObjectNode twin = fhir.store.get("Task/" + id);
        assertThat(twin.get("status").asText()).isEqualTo("entered-in-error");
        assertThat(twin.has("identifier")).isFalse();
    }

    @Test
    void a_task_without_a_version_is_not_changed_blindly() {
        tell(Stage.WAITING, null);
        ((ObjectNode) task().get("meta")).remove("versionId");
        assertThat(tell(Stage.ANALYZING, null)).isTrue();
        assertThat(status()).isEqualTo("requested");
        assertThat(fhir.requests).noneMatch(r -> r.method().equals("PUT"));
    }

    @Test
    void an_ehr_that_is_away_is_said_and_an_unknown_patient_gets_no_task() {
        fhir.faultable = request -> true;
        fhir.faults.add(new Fault.Status(503, Map.of()));
        assertThatThrownBy(() -> tell(Stage.WAITING, null)).isInstanceOf(EhrException.class);
        fhir.store.remove("Patient/p1");
        assertThat(tell(Stage.WAITING, null)).isTrue();
        assertThat(fhir.all("Task")).isEmpty();
    }

    @Test
    void an_ehr_that_takes_no_task_gets_the_result_without_one() {
        fhir.takesTasks = false;
        assertThat(tell(Stage.WAITING, null)).isTrue();
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport")).hasSize(1);
        assertThat(fhir.requests).noneMatch(r -> r.path().startsWith("/fhir/Task"));
        assertThat(fhir.requests.stream().filter(r -> r.path().equals("/fhir"))).hasSize(1);
    }

    @Test
    void an_ehr_that_does_not_say_so_and_refuses_the_task_gets_the_result_all_the_same() {
        fhir.takesTasks = false;
        fhir.hasMetadata = false;
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport")).hasSize(1);
    }

    @Test
    void a_server_without_conditional_writes_hears_nothing_before_the_result() {
        fhir.conditional = false;
        assertThat(tell(Stage.WAITING, null)).isTrue();
        assertThat(fhir.all("Task")).isEmpty();
        destination.deliver(Samples.positive());
        assertThat(status()).isEqualTo("completed");
    }
}
