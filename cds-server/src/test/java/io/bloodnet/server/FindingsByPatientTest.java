package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.cdshooks.FlagReads;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.fhir.FhirServers;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FindingsByPatientTest {

    private static final ModelId MODEL = new ModelId("m", "1", "0".repeat(64));

    private static final FhirServers OURS = new FhirServers(List.of(URI.create("https://ehr.example/fhir")), true);

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void counts_final_reports_on_positive_findings_since_a_day(@TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("reads"), "sa", null)) {
            job(database, "a", "REPORTED_POSITIVE", NOW, true);
            job(database, "b", "REPORTED_POSITIVE", NOW, false);
            job(database, "c", "REPORTED_POSITIVE", NOW, true);
            job(database, "we-cannot-tell", "REPORTED_POSITIVE", NOW, null);
            job(database, "too-old", "REPORTED_POSITIVE", NOW.minusSeconds(1), false);
            job(database, "not-read", "REPORTED_POSITIVE", null, null);
            job(database, "negative", "REPORTED_NEGATIVE", NOW, true);
            FlagReads reads = new FindingsByPatient(
                    database, new JobStore(), new ModelId("m", "1", "0".repeat(64)), Map.of(), OURS);
            assertThat(reads.since(NOW)).isEqualTo(new FlagReads.Reads(2, 1));
            assertThat(reads.since(NOW.plusSeconds(1))).isEqualTo(new FlagReads.Reads(0, 0));
        }
    }

    /** The order is of M1 at HOSP; each line is what an EHR calls somebody, and whether that is the order's patient. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "urn:hosp:mrn M2 MEDICAL_RECORD,urn:hosp:account M1 OTHER; false",
                "urn:hosp:mrn M2 MEDICAL_RECORD,urn:other:mrn M1 MEDICAL_RECORD; false",
                "urn:hosp:mrn M2 NOT_SAID,urn:lab M1 NOT_SAID; false",
                "urn:lab M1 NOT_SAID; false",
                "urn:hosp:mrn M1 NOT_SAID; true",
                "urn:hosp:mrn M1 MEDICAL_RECORD,urn:hosp:account M9 OTHER; true"
            })
    void a_patient_is_known_by_number_namespace_and_type(String numbers, boolean isTheirs, @TempDir Path folder) {
        List<PatientNumber> written = Arrays.stream(numbers.split(","))
                .map(n -> n.split(" "))
                .map(n -> new PatientNumber(n[0], n[1], PatientNumber.Kind.valueOf(n[2])))
                .toList();
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("who"), "sa", null)) {
            placed(database, "a", null);
            FindingsByPatient findings = new FindingsByPatient(database, new JobStore(), MODEL, Map.of(), OURS);
            assertThat(findings.forPatient(new EhrPatient("p7", Set.of(), written)))
                    .hasSize(isTheirs ? 1 : 0);
        }
    }

    @Test
    void records_that_were_merged_are_one_patient(@TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("merged"), "sa", null)) {
            placed(database, "a", "Patient/old");
            FindingsByPatient findings = new FindingsByPatient(database, new JobStore(), MODEL, Map.of(), OURS);
            assertThat(findings.forPatient(new EhrPatient("new", Set.of("old"), List.of())))
                    .hasSize(1);
            assertThat(findings.forPatient(new EhrPatient("new", Set.of(), List.of())))
                    .isEmpty();
            assertThat(findings.forPatient(new EhrPatient(
                            "new",
                            Set.of(),
                            List.of(new PatientNumber("urn:hosp:mrn", "M1", PatientNumber.Kind.MEDICAL_RECORD)))))
                    .as("the EHR calls the order's patient otherwise")
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-,true",
                "https://ehr.example/fhir,true",
                "https://EHR.example:443/fhir/,true",
                "https://ehr.example/fhir/tenant2,false",
                "https://ehr.example/other,false",
                "http://ehr.example/fhir,false",
                "https://ehr.example.evil.example/fhir,false",
                "https://other.example/fhir,false",
                "https://ehr.example/fhir?x=1,false",
                "https://,false"
            })
    void a_logical_id_is_one_at_its_own_server_only(String server, boolean isTheirs, @TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("server"), "sa", null)) {
            placed(database, "a", "Patient/p1");
            FindingsByPatient findings = new FindingsByPatient(database, new JobStore(), MODEL, Map.of(), OURS);
            assertThat(findings.forPatient(new EhrPatient("p1", Set.of(), server, List.of())))
                    .hasSize(isTheirs ? 1 : 0);
            assertThat(findings.forPatient(new EhrPatient("p2", Set.of("p1"), server, List.of())))
                    .as("a merged record")
                    .hasSize(isTheirs ? 1 : 0);
        }
    }

    @Test
    void at_another_server_the_identifiers_decide(@TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("numbers"), "sa", null)) {
            placed(database, "a", "Patient/p1");
            FindingsByPatient findings = new FindingsByPatient(database, new JobStore(), MODEL, Map.of(), OURS);
            String other = "https://other.example/fhir";
            PatientNumber theirs = new PatientNumber("urn:hosp:mrn", "M1", PatientNumber.Kind.MEDICAL_RECORD);
            PatientNumber another = new PatientNumber("urn:hosp:mrn", "M2", PatientNumber.Kind.MEDICAL_RECORD);
            assertThat(findings.forPatient(new EhrPatient("x9", Set.of(), other, List.of(theirs))))
                    .hasSize(1);
            assertThat(findings.forPatient(new EhrPatient("p1", Set.of(), other, List.of(another))))
                    .as("the same logical id, another patient")
                    .isEmpty();
        }
    }

    @Test
    void of_several_callers_one_that_names_no_server_is_not_the_ehr(@TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("unsaid"), "sa", null)) {
            placed(database, "a", "Patient/p1");
            FhirServers several = new FhirServers(List.of(URI.create("https://ehr.example/fhir")), false);
            FindingsByPatient findings = new FindingsByPatient(database, new JobStore(), MODEL, Map.of(), several);
            assertThat(findings.forPatient(new EhrPatient("p1", Set.of(), List.of())))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(value = JobState.class, names = "CANCELLED", mode = EnumSource.Mode.EXCLUDE)
    void what_was_filed_is_shown_in_whatever_state_the_study_is_looked_at_again(JobState state, @TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("shown"), "sa", null)) {
            placed(database, "a", "Patient/p1");
            database.inTransaction(handle -> handle.execute("update job set state = ?", state.name()));
            FindingsByPatient findings = new FindingsByPatient(database, new JobStore(), MODEL, Map.of(), OURS);
            EhrPatient patient = new EhrPatient("p1", Set.of(), List.of());
            assertThat(findings.forPatient(patient)).hasSize(1);
            database.inTransaction(handle -> handle.execute("update job set in_doubt = true"));
            assertThat(findings.forPatient(patient))
                    .as("whose it is is in doubt")
                    .isEmpty();
        }
    }

    private static void placed(Database database, String id, @Nullable String ehrPatient) {
        ImagingOrder order = new ImagingOrder(
                new OrderKey(new StudyUid("2.25.1"), null, null, null),
                Patient.known(new PatientId("M1", "HOSP")),
                null,
                null,
                Procedure.unknown(),
                Priority.STAT,
                null,
                NOW,
                true,
                EhrReferences.none(),
                new Origin(Origin.Channel.HL7, "RIS", "1"));
        job(database, id, "REPORTED_NEGATIVE", null, null);
        database.inTransaction(handle -> handle.execute(
                "update job set patient_id = 'M1', ehr_patient = ?, order_json = ?, finding_json = ? where id = ?",
                ehrPatient,
                Json.write(order),
                Json.write(new JobStored(new Finding.NotAnalyzed(
                        new StudyUid("2.25.1"), null, NotAnalyzedReason.NO_AXIAL_SERIES, "none"))),
                id));
    }

    /** As the job store keeps a finding. */
    private record JobStored(Finding value) {}

    private static void job(
            Database database, String id, String state, @Nullable Instant readAt, @Nullable Boolean says) {
        String sql =
                "insert into job (id, state, result, priority, patient_id, order_json, images_complete, instances_seen, overdue, run,"
                        + " attempts, ordered_at, accepted_at, human_read_at, human_says, updated_at)"
                        + " values (:id, :state, :result, 0, 'p', '{}', true, 1, false, 1, 1, :now, :now, :readAt, :says, :now)";
        database.inTransaction(handle -> handle.createUpdate(sql)
                .bind("id", id)
                .bind("state", state)
                .bind("result", state.equals("REPORTED_NEGATIVE") ? "negative" : "positive")
                .bind("now", NOW.atOffset(ZoneOffset.UTC))
                .bind("readAt", readAt == null ? null : readAt.atOffset(ZoneOffset.UTC))
                .bind("says", says)
                .execute());
    }
}
