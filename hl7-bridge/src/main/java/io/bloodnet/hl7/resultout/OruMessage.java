package io.bloodnet.hl7.resultout;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Hl7Config.AckMode;
import io.bloodnet.hl7.er7.EntityNumber;
import io.bloodnet.hl7.er7.SegmentText;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.ResultKey;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.Procedure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes a finding as ORU^R01 (HL7 v2.5.1 7.3.1). Always preliminary: nothing here writes F, OBR-32 stays empty, and the filler number and
 * the procedure code are our own, so that no human's report can be overwritten. The same report gives the same bytes.
 */
final class OruMessage {

    /** Our system in identifiers and codes of our own. */
    static final String SYSTEM = "BLOODNET";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmssxx");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd");
    private static final String LOCAL = "L";
    /** Preliminary (tables 0085 and 0123). */
    private static final String PRELIMINARY = "P";

    private final Hl7Config.Site site;
    private final Hl7Config.Results receiver;

    OruMessage(Hl7Config.Site site, Hl7Config.Results receiver) {
        this.site = site;
        this.receiver = receiver;
    }

    /** MSH-10: follows from what the report is about, so that a repetition is known as one. */
    static String controlId(FindingReport report) {
        return report.key().messageControlId("oru-" + report.kind().name().toLowerCase(Locale.ROOT));
    }

    byte[] write(FindingReport report) {
        StringBuilder text = new StringBuilder();
        text.append(header(report))
                .append(patient(report.order().patient()))
                .append(visit(report.order()))
                .append(order(report))
                .append(observed(report));
        new Observations(report, this::time, receiver.pdf()).writeTo(text);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private SegmentText header(FindingReport report) {
        return SegmentText.of("MSH")
                .field(3, site.application())
                .field(4, site.facility())
                .field(5, receiver.application())
                .field(6, receiver.facility())
                .field(7, time(report.issuedAt()))
                .field(9, "ORU", "R01", "ORU_R01")
                .field(10, controlId(report))
                .field(11, report.order().production() ? "P" : "T")
                .field(12, "2.5.1")
                .field(15, receiver.mode() == AckMode.ORIGINAL ? "" : "AL")
                .field(16, receiver.mode() == AckMode.ORIGINAL ? "" : receiver.mode() == AckMode.COMMIT ? "NE" : "AL")
                .field(18, "UNICODE UTF-8");
    }

    private SegmentText patient(Patient patient) {
        return SegmentText.of("PID")
                .field(1, "1")
                .field(3, patient.id().value(), "", "", or(patient.id().assigner()), "MR")
                .field(5, or(patient.familyName()), or(patient.givenName()))
                .field(7, patient.birthDate() == null ? "" : DAY.format(patient.birthDate()))
                .field(
                        8,
                        switch (patient.sex()) {
                            case FEMALE -> "F";
                            case MALE -> "M";
                            case OTHER -> "O";
                            case UNKNOWN -> "U";
                        });
    }

    private static SegmentText visit(ImagingOrder order) {
        return SegmentText.of("PV1")
                .field(1, "1")
                .field(2, order.patientClass() == null ? "U" : order.patientClass())
                .field(19, or(order.visitNumber()));
    }

    private SegmentText order(FindingReport report) {
        OrderKey key = report.order().key();
        return SegmentText.of("ORC")
                .field(1, "RE")
                .field(2, EntityNumber.components(key.placerNumber(), key.placerNamespace()))
                .field(3, fillerNumber(report), SYSTEM)
                .field(5, "IP");
    }

    private SegmentText observed(FindingReport report) {
        OrderKey key = report.order().key();
        SegmentText obr = SegmentText.of("OBR")
                .field(1, "1")
                .field(2, EntityNumber.components(key.placerNumber(), key.placerNamespace()))
                .field(3, fillerNumber(report), SYSTEM);
        Procedure.Coding ordered =
                report.order().procedure().codings().stream().findFirst().orElse(new Procedure.Coding("", null, null));
        return obr.field(
                        4,
                        "BLOODNET-ICH",
                        "AI triage: suspicion of intracranial hemorrhage",
                        LOCAL,
                        ordered.code(),
                        or(ordered.display()),
                        or(ordered.system()))
                .field(7, time(report.facts().acquiredAt()))
                .field(18, key.accession() == null ? "" : key.accession().value())
                .field(22, time(report.issuedAt()))
                .field(24, "CT")
                .field(25, PRELIMINARY)
                .pair(
                        29,
                        EntityNumber.components(key.placerNumber(), key.placerNamespace()),
                        EntityNumber.components(key.fillerNumber(), key.fillerNamespace()));
    }

    /** Ours, the same for all reports on a study: a correction takes the place of what we said, never of what a human said. */
    private static String fillerNumber(FindingReport report) {
        return new ResultKey(report.finding().studyUid(), "any", "report", null).messageControlId("filler");
    }

    private String time(@Nullable Instant at) {
        return at == null ? "" : TIME.format(at.atZone(site.zone()));
    }

    static String or(@Nullable String text) {
        return text == null ? "" : text;
    }
}
