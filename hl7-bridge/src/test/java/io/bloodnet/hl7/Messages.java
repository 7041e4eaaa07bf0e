package io.bloodnet.hl7;

import java.nio.charset.StandardCharsets;

/** Synthetic messages. */
public final class Messages {

    public static final String HEAD_CT = "CTHEADWO^CT HEAD WO CONTRAST^L^30799-1^CT Head WO contrast^LN";
    public static final String CHEST_CT = "CTCHESTW^CT CHEST W CONTRAST^L^24628-0^CT Chest W contrast IV^LN";
    public static final String STUDY = "1.2.826.0.1.3680043.10.1389.1.7";
    public static final String PID = "PID|1||M0001^^^HOSP^MR||Probe^Pat||19570303|F";

    private Messages() {}

    public static String text(String... segments) {
        return String.join("\r", segments) + "\r";
    }

    public static byte[] bytes(String... segments) {
        return text(segments).getBytes(StandardCharsets.UTF_8);
    }

    public static String msh(String type, String version, String id) {
        return "MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|20261123120000||" + type + "|" + id + "|P|" + version;
    }

    /** MSH in enhanced mode. */
    public static String msh(String type, String id, String accept, String application) {
        return msh(type, "2.5.1", id) + "|||" + accept + "|" + application;
    }

    public static String obr(String code) {
        return "OBR|1|P1^RIS|A1^RIS|" + code + "||||||||||||||A1|RP1|||||CT|||^^^20261123120000^^S";
    }

    /** ORM^O01 2.3.1 with ZDS. */
    public static byte[] orm(String id) {
        return orm(id, "NW", HEAD_CT);
    }

    public static byte[] orm(String id, String control, String code) {
        return bytes(
                msh("ORM^O01", "2.3.1", id),
                PID,
                "PV1|1|E|ER^^^HOSP||||||||||||||||V1",
                "ORC|" + control + "|P1^RIS|A1^RIS||||^^^20261123120000^^S",
                obr(code),
                "ZDS|" + STUDY + "^RIS^Application^DICOM");
    }

    /** OMI^O23 2.5.1 with IPC. */
    public static byte[] omi(String id) {
        return omi(msh("OMI^O23^OMI_O23", "2.5.1", id), "NW");
    }

    public static byte[] omi(String msh, String control) {
        return bytes(
                msh,
                PID,
                "PV1|1|I",
                "ORC|" + control + "|P1^RIS|A1^RIS",
                "TQ1|1||||||20261123120000||A^ASAP^HL70485",
                "OBR|1|P1^RIS|A1^RIS|" + HEAD_CT,
                "IPC|A1^RIS|RP1^RIS|" + STUDY + "^RIS|SPS1^RIS|CT");
    }
}
