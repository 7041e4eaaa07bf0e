package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Task;
import org.hl7.fhir.r4.model.Task.TaskStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Task of one order, also where an early word and the result are written at once: servers let both through then, HAPI 8.8 too (it
 * forgets the guard of a conditional create once what was created is updated). So who created a Task looks afterwards, and takes back the
 * twins.
 */
final class TaskTwins {

    /** What can still change; every other status is an end. */
    static final Set<TaskStatus> OPEN = Set.of(TaskStatus.REQUESTED, TaskStatus.INPROGRESS, TaskStatus.ONHOLD);

    private static final Logger LOG = LoggerFactory.getLogger(TaskTwins.class);

    private TaskTwins() {}

    /** The Tasks of this identity: none, one, or twins. @throws io.bloodnet.fhir.ehr.EhrException when the EHR cannot be asked now */
    static List<Task> find(EhrClient ehr, Identifier identifier, Purpose purpose) {
        return ehr.search(Task.class, Map.of("identifier", Names.token(identifier)), purpose).stream()
                .filter(task -> task.getIdentifier().stream().anyMatch(i -> i.equalsDeep(identifier)))
                .toList();
    }

    /**
     * All but one, marked, to be written as the versions that they are: the one that has ended stays, else the one of the lowest id, so that
     * several servers decide alike. A twin loses its identifier, so that it is never found again; an ended one is never touched.
     */
    static List<Task> toTakeBack(EhrClient ehr, Identifier identifier, Purpose purpose) {
        List<Task> all = find(ehr, identifier, purpose);
        if (all.size() < 2) {
            return List.of();
        }
        Task stays = Collections.min(
                all,
                Comparator.comparing((Task task) -> OPEN.contains(task.getStatus()))
                        .thenComparing(task -> task.getIdElement().getIdPart()));
        List<Task> twins = all.stream()
                .filter(task -> task != stays
                        && OPEN.contains(task.getStatus())
                        && task.getMeta().hasVersionId())
                .toList();
        for (Task twin : twins) {
            LOG.warn("an order has two Tasks in the EHR, next: one is taken back");
            twin.setIdentifier(List.of());
            twin.setStatus(TaskStatus.ENTEREDINERROR);
            twin.setStatusReason(new CodeableConcept().setText("Twin of another Task of this order"));
        }
        return twins;
    }
}
