package io.bloodnet.fhir;

import io.bloodnet.fhir.resultout.AiSystem;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.MaskReference;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.ResultKey;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/** Made-up orders and findings. */
public final class Samples {

    public static final String STUDY = "1.2.826.0.1.3680043.10.1389.9.1";
    public static final Instant NOW = Instant.parse("2026-03-01T10:15:30Z");
    public static final AiSystem SYSTEM = new AiSystem(
            "0.1.0",
            "ONNX Runtime 1.29.0",
            "# Model card",
            Map.of("balanced", 0.5),
            URI.create("https://pacs.example/dicom-web"));
    public static final ModelId MODEL = new ModelId("bloodnet-ich", "0.1.0", "ab".repeat(32));
    public static final String MRN = "M00001";
    public static final String ACCESSION = "A00001";

    private Samples() {}

    public static ImagingOrder order() {
        return new ImagingOrder(
                new OrderKey(new StudyUid(STUDY), new AccessionNumber(ACCESSION), "P1", "F1"),
                new Patient(new PatientId(MRN, "HOSP"), "Probe", "Pat", LocalDate.of(1957, 3, 3), Patient.Sex.FEMALE),
                "E",
                null,
                new Procedure(List.of(
                        new Procedure.Coding("CTHEADWO", "CT HEAD WO CONTRAST", "L"),
                        new Procedure.Coding("30799-1", "CT Head WO contrast", "LN"))),
                Priority.STAT,
                32,
                NOW.minusSeconds(600),
                true,
                EhrReferences.none(),
                new Origin(Origin.Channel.HL7, "RIS", "1"));
    }

    public static Finding.Analyzed analyzed(double probability, double volumeMl) {
        return new Finding.Analyzed(
                new StudyUid(STUDY),
                "1.2.3.4",
                probability,
                volumeMl,
                new Finding.VolumeRange(volumeMl * 0.8, volumeMl * 1.25),
                0.5,
                List.of(new Finding.SliceFinding("1.2.3.4.1", probability, volumeMl)),
                MODEL,
                "cd".repeat(32),
                List.of(InputFlag.GAP, InputFlag.TILTED),
                "CPU",
                new Finding.Timing(100, 200, 250),
                140.0,
                List.of(),
                0);
    }

    public static FindingReport positive() {
        return report(analyzed(0.9312, 23.14), FindingReport.Kind.FIRST, mask(), null);
    }

    /** The positive one for a patient of another number. */
    public static FindingReport ofPatient(String number) {
        ImagingOrder o = order();
        Patient p = o.patient();
        ImagingOrder ordered = new ImagingOrder(
                o.key(),
                new Patient(
                        new PatientId(number, p.id().assigner()),
                        p.familyName(),
                        p.givenName(),
                        p.birthDate(),
                        p.sex()),
                o.patientClass(),
                o.visitNumber(),
                o.procedure(),
                o.priority(),
                o.expectedInstances(),
                o.orderedAt(),
                o.production(),
                o.ehr(),
                o.origin());
        return of(ordered, StudyFacts.unknown(), analyzed(0.9312, 23.14), FindingReport.Kind.FIRST, mask(), null);
    }

    public static FindingReport negative() {
        return report(analyzed(0.0413, 0), FindingReport.Kind.FIRST, null, null);
    }

    public static FindingReport notAnalyzed() {
        Finding finding = new Finding.NotAnalyzed(
                new StudyUid(STUDY), null, NotAnalyzedReason.NO_AXIAL_SERIES, "3 series, none axial");
        return report(finding, FindingReport.Kind.FIRST, null, null);
    }

    public static FindingReport withdrawn() {
        return report(analyzed(0.9312, 23.14), FindingReport.Kind.WITHDRAWN, mask(), null);
    }

    public static FindingReport corrected() {
        FindingReport first = positive();
        ModelId newer = new ModelId("bloodnet-ich", "0.2.0", "ef".repeat(32));
        ResultKey key = new ResultKey(new StudyUid(STUDY), newer.version(), "cd".repeat(32), null);
        return new FindingReport(
                "job-1",
                first.order(),
                first.facts(),
                first.finding(),
                newer,
                key,
                FindingReport.Kind.CORRECTED,
                first.mask(),
                null,
                first.key().identifier(),
                NOW.plusSeconds(60));
    }

    public static FindingReport report(
            Finding finding, FindingReport.Kind kind, MaskReference mask, String supersedes) {
        return of(order(), facts(), finding, kind, mask, supersedes);
    }

    public static FindingReport of(
            ImagingOrder order,
            StudyFacts facts,
            Finding finding,
            FindingReport.Kind kind,
            MaskReference mask,
            String supersedes) {
        byte[] png = {(byte) 0x89, 'P', 'N', 'G'};
        return new FindingReport(
                "job-1",
                order,
                facts,
                finding,
                MODEL,
                ResultKey.of(finding, MODEL, null),
                kind,
                mask,
                png,
                supersedes,
                NOW);
    }

    public static StudyFacts facts() {
        return new StudyFacts(
                new Patient(new PatientId(MRN, null), "Probe", "Pat", LocalDate.of(1957, 3, 3), Patient.Sex.FEMALE),
                new AccessionNumber(ACCESSION),
                NOW.minusSeconds(300),
                "HEAD 5.0 <b>soft</b>",
                32,
                0.6,
                281,
                5.0);
    }

    public static MaskReference mask() {
        return new MaskReference(
                "2.25.1234567890",
                "2.25.987654321",
                "http://pacs.example/dicom-web/studies/" + STUDY + "/series/2.25.987654321/instances/2.25.1234567890",
                12_345,
                "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    }

    public static final String PATIENT_JSON = """
            {"resourceType":"Patient","id":"p1","identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},
             "system":"urn:hosp:mrn","value":"M00001"}],"name":[{"family":"Probe","given":["Pat"]}],"gender":"female","birthDate":"1957-03-03"}""";
    public static final String ORDER_JSON = """
            {"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"order","priority":"stat","subject":{"reference":"Patient/p1"},
             "identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"ACSN"}]},"system":"urn:hosp:accession","value":"A00001"}],
             "code":{"coding":[{"system":"http://loinc.org","code":"30799-1"}]},"authoredOn":"2026-03-01T10:00:00Z"}""";

    public static String imagingStudy(String id, int instances) {
        return """
            {"resourceType":"ImagingStudy","id":"%s","status":"available",
             "identifier":[{"system":"urn:dicom:uid","value":"urn:oid:%s"},
              {"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"ACSN"}]},"system":"urn:hosp:accession","value":"A00001"}],
             "modality":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"CT"}],
             "subject":{"reference":"Patient/p1","identifier":{"system":"urn:hosp:mrn","value":"M00001"}},
             "numberOfSeries":1,"numberOfInstances":%d,
             "procedureCode":[{"coding":[{"system":"http://loinc.org","code":"30799-1"}]}]}""".formatted(id, STUDY, instances);
    }
}
