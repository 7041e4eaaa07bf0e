package io.bloodnet.hl7;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
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
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Synthetic results. */
public final class Reports {

    public static final StudyUid STUDY = new StudyUid(Messages.STUDY);
    public static final ModelId MODEL = new ModelId("bloodnet-test", "0.1.0", "ab".repeat(32));
    private static final Instant AT = Instant.parse("2026-11-23T12:05:00Z");

    private Reports() {}

    public static FindingReport positive() {
        return report(order("Probe", "CT HEAD WO CONTRAST"), analyzed(0.93, 12.34), Kind.FIRST, null);
    }

    /** Suspected, but without an outline of blood. */
    public static FindingReport withoutOutline() {
        return report(order("Probe", "CT HEAD WO CONTRAST"), analyzed(0.999999, 0), Kind.FIRST, null);
    }

    /** A positive result on that order. */
    public static FindingReport positive(ImagingOrder order) {
        return report(order, analyzed(0.93, 12.34), Kind.FIRST, null);
    }

    public static FindingReport negative() {
        return report(order("Probe", "CT HEAD WO CONTRAST"), analyzed(0.02, 0), Kind.FIRST, null);
    }

    public static FindingReport notAnalyzed() {
        Finding finding = new Finding.NotAnalyzed(STUDY, null, NotAnalyzedReason.TOO_FEW_SLICES, "3 slices");
        return report(order("Probe", "CT HEAD WO CONTRAST"), finding, Kind.FIRST, null);
    }

    public static FindingReport corrected() {
        FindingReport first = negative();
        return report(
                first.order(), analyzed(0.61, 1.5), Kind.CORRECTED, first.key().identifier());
    }

    public static FindingReport withdrawn() {
        FindingReport first = positive();
        return report(first.order(), first.finding(), Kind.WITHDRAWN, null);
    }

    /** A positive result with these texts in patient and order. */
    public static FindingReport withTexts(String family, String display) {
        return report(order(family, display), analyzed(0.93, 12.34), Kind.FIRST, null);
    }

    private static Finding analyzed(double probability, double volume) {
        return new Finding.Analyzed(
                STUDY,
                Messages.STUDY + ".2",
                probability,
                volume,
                new Finding.VolumeRange(volume * 0.8, volume * 1.25),
                0.5,
                List.of(new Finding.SliceFinding(Messages.STUDY + ".2.1", probability, volume)),
                MODEL,
                String.format("%02x", (int) (probability * 100)).repeat(32),
                probability > 0.9 ? List.of(InputFlag.TILTED, InputFlag.UNEVEN_SPACING) : List.of(),
                "CPU",
                new Finding.Timing(10, 20, 30),
                140.0,
                List.of(),
                0);
    }

    private static ImagingOrder order(String family, String display) {
        return new ImagingOrder(
                new OrderKey(STUDY, new AccessionNumber("A1"), "P1", "EHR", "F1", "RIS^1.2.3^ISO", null),
                new Patient(
                        new PatientId("M0001", "HOSP"), family, "Pat", LocalDate.of(1957, 3, 3), Patient.Sex.FEMALE),
                "E",
                "V1",
                new Procedure(List.of(new Procedure.Coding("CTHEADWO", display, "L"))),
                Priority.STAT,
                null,
                AT.minusSeconds(600),
                true,
                EhrReferences.none(),
                new Origin(Origin.Channel.HL7, "RIS|HOSP", "7"));
    }

    private static FindingReport report(ImagingOrder order, Finding finding, Kind kind, @Nullable String supersedes) {
        boolean mask = finding instanceof Finding.Analyzed a && a.positive();
        return new FindingReport(
                "job-1",
                order,
                new StudyFacts(null, null, AT.minusSeconds(300), "HEAD 5.0", 32, 5.0, 32, 5.0),
                finding,
                MODEL,
                ResultKey.of(finding, MODEL, null),
                kind,
                mask ? new MaskReference("2.25.77", "2.25.78", "http://127.0.0.1/x", 1000, "c2hhMQ==") : null,
                null,
                supersedes,
                AT);
    }
}
