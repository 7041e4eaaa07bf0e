package io.bloodnet.sandbox.hl7;

import io.bloodnet.sandbox.cases.SampleCase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The orders as a RIS writes them. Order and time alone decide every byte, MSH-10 included. */
public final class OrderMessages {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);
    private static final String CODE = "CTHEADWO^CT HEAD WO CONTRAST^L^30799-1^CT Head WO contrast^LN";

    private OrderMessages() {}

    /** ORM^O01 of HL7 2.3.1 with the study's UID in ZDS (IHE scheduled workflow). @param control ORC-1, e.g. {@code NW} or {@code CA} */
    public static String orm(SampleCase sample, String control, Instant at) {
        String time = TIME.format(at);
        return segments(
                msh("ORM^O01", "2.3.1", sample, at),
                pid(sample),
                pv1(sample),
                "ORC|" + control + "|" + placer(sample) + "|" + accession(sample) + "||||^^^" + time + "^^"
                        + priority(sample),
                obr(sample, "^^^" + time + "^^" + priority(sample)),
                "ZDS|" + sample.studyUid() + "^RIS^Application^DICOM");
    }

    /** OMI^O23 of HL7 2.5.1 with accession number and study UID in IPC. @param control ORC-1 */
    public static String omi(SampleCase sample, String control, Instant at) {
        return segments(
                msh("OMI^O23^OMI_O23", "2.5.1", sample, at),
                pid(sample),
                pv1(sample),
                "ORC|" + control + "|" + placer(sample) + "|" + accession(sample),
                "TQ1|1||||||" + TIME.format(at) + "||" + priority(sample),
                obr(sample, ""),
                "IPC|" + accession(sample) + "|RP" + sample.placer() + "^RIS|" + sample.studyUid() + "^RIS|SPS"
                        + sample.placer() + "^RIS|CT");
    }

    private static String msh(String type, String version, SampleCase sample, Instant at) {
        String controlId =
                sample.placer() + Long.toString(at.toEpochMilli(), 36).toUpperCase(Locale.ROOT); // at most 20
        return "MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|" + TIME.format(at) + "||" + type + "|" + controlId + "|P|" + version;
    }

    private static String pid(SampleCase sample) {
        return "PID|1||" + sample.patientId() + "^^^HOSP^MR||" + sample.familyName() + "^" + sample.givenName() + "||"
                + sample.birthDate().format(DateTimeFormatter.BASIC_ISO_DATE) + "|" + sample.sex();
    }

    private static String pv1(SampleCase sample) {
        return "PV1|1|" + (sample.stat() ? "E|ER" : "I|N3") + "^^^HOSP" + "|".repeat(16) + "V" + sample.placer();
    }

    private static String obr(SampleCase sample, String quantityTiming) {
        String[] fields = new String[32];
        java.util.Arrays.fill(fields, "");
        fields[0] = "OBR";
        fields[1] = "1";
        fields[2] = placer(sample);
        fields[3] = accession(sample);
        fields[4] = CODE;
        fields[18] = sample.accession();
        fields[19] = "RP" + sample.placer();
        fields[24] = "CT";
        fields[27] = quantityTiming;
        fields[31] = "^Headache";
        return String.join("|", fields);
    }

    private static String placer(SampleCase sample) {
        return sample.placer() + "^RIS";
    }

    private static String accession(SampleCase sample) {
        return sample.accession() + "^RIS";
    }

    private static String priority(SampleCase sample) {
        return sample.stat() ? "S" : "R";
    }

    private static String segments(String... segments) {
        return String.join("\r", segments) + "\r";
    }
}
