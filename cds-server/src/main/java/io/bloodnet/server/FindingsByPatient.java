package io.bloodnet.server;

import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.server.cdshooks.FlagReads;
import io.bloodnet.server.cdshooks.PatientFindings;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.fhir.FhirServers;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.store.Database;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A patient's findings for CDS Hooks, from our own jobs. A job is the patient's when the EHR's logical id is known to be, or when an
 * identifier that the EHR sent along is the order's and no other logical id is known. A caller with another FHIR server has other logical
 * ids: there the identifiers alone decide. What was filed stays while the study is looked at
 * again, whatever state that is in; jobs whose patient is in doubt are left out.
 */
final class FindingsByPatient implements PatientFindings, FlagReads {

    /** Looked at, of which others may be of patients that have the same number elsewhere. */
    private static final int CANDIDATES_MAX = 200;

    private static final Logger LOG = LoggerFactory.getLogger(FindingsByPatient.class);

    private final Database database;
    private final JobStore jobs;
    private final ModelId model;
    private final Map<String, String> patientSystems;
    private final FhirServers servers;
    private final AtomicBoolean warned = new AtomicBoolean();

    /**
     * @param model named where nothing was analyzed
     * @param patientSystems FHIR identifier system by HL7 assigning authority, as the site listed them
     * @param servers whose logical ids are those that the jobs know
     */
    FindingsByPatient(
            Database database, JobStore jobs, ModelId model, Map<String, String> patientSystems, FhirServers servers) {
        this.database = database;
        this.jobs = jobs;
        this.model = model;
        this.patientSystems = Map.copyOf(patientSystems);
        this.servers = servers;
    }

    @Override
    public List<PatientFinding> forPatient(EhrPatient patient) {
        boolean ours = servers.isOurs(patient.fhirServer());
        if (!ours && !warned.getAndSet(true)) {
            LOG.warn(
                    "a CDS client names another FHIR server than ehr.fhir-url and cds-hooks.fhir-servers, or none: its patients are matched"
                            + " by their identifiers alone");
        }
        return database.read(handle -> candidates(handle, patient, ours).stream()
                .map(candidate -> jobs.find(handle, candidate.id())
                        .filter(job -> candidate.known() || names(patient, job))
                        .map(this::finding)
                        .orElse(null))
                .filter(Objects::nonNull)
                .limit(FINDINGS_MAX)
                .toList());
    }

    /** Number, namespace and type together, never the number alone. */
    private boolean names(EhrPatient patient, Job job) {
        return PatientNumber.anyIs(patient.identifiers(), job.order().patient().id(), patientSystems);
    }

    @Override
    public Reads since(Instant begin) {
        String sql =
                "select count(case when human_says then 1 end) as confirmed, count(case when not human_says then 1 end) as denied"
                        + " from job where result = 'positive' and not in_doubt and human_read_at >= :begin and human_taken_back_at is null";
        return database.read(handle -> handle.createQuery(sql)
                .bind("begin", begin.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new Reads(row.getLong("confirmed"), row.getLong("denied")))
                .one());
    }

    /** @param known whether the job is known to be of one of the EHR's records of this patient */
    private record Candidate(String id, boolean known) {}

    private static List<Candidate> candidates(Handle handle, EhrPatient patient, boolean ours) {
        List<String> values = patient.identifiers().stream()
                .map(PatientNumber::value)
                .distinct()
                .toList();
        if (!ours && values.isEmpty()) {
            return List.of();
        }
        List<String> records = !ours
                ? List.of("none")
                : Stream.concat(Stream.of(patient.logicalId()), patient.mergedIds().stream())
                        .map(id -> "Patient/" + id)
                        .toList();
        // two questions in one: an "or" over two columns would make H2 read all jobs
        String known = "select id, ehr_patient, accepted_at from job where finding_json is not null and not in_doubt"
                + " and state <> 'CANCELLED' and ";
        String unknown = ours ? "ehr_patient is null and " : "";
        String byIdentifier = values.isEmpty() ? "" : " union all " + known + unknown + "patient_id in (<values>)";
        var query = handle.createQuery("select id, ehr_patient from (" + known + "ehr_patient in (<records>)"
                        + byIdentifier + ") u order by accepted_at desc, id limit :max")
                .bindList("records", records)
                .bind("max", CANDIDATES_MAX);
        if (!values.isEmpty()) {
            query.bindList("values", values);
        }
        return query.map((row, context) -> new Candidate(row.getString(1), ours && row.getString(2) != null))
                .list();
    }

    private @Nullable PatientFinding finding(Job job) {
        if (job.finding() == null) {
            return null;
        }
        PatientFinding.Result result = switch (job.finding()) {
            case Finding.Analyzed a ->
                a.positive()
                        ? new PatientFinding.Positive(a.probability(), a.threshold(), a.bloodVolumeMl())
                        : new PatientFinding.Negative();
            case Finding.NotAnalyzed n ->
                new PatientFinding.NotAnalyzed(n.reason().sentence());
        };
        ModelId used = job.finding() instanceof Finding.Analyzed a ? a.model() : model;
        Instant reported = job.reportedAt() != null ? job.reportedAt() : job.acceptedAt();
        Instant readAt = job.isReadByHuman() ? job.humanReadAt() : null;
        PatientFinding.HumanRead read = readAt == null ? null : new PatientFinding.HumanRead(readAt, job.humanSays());
        Instant acquired = job.facts() == null ? null : job.facts().acquiredAt();
        return new PatientFinding(
                job.id(),
                result,
                used.id(),
                used.version(),
                acquired,
                reported,
                read,
                job.order().production(),
                job.humanTakenBackAt());
    }
}
