package io.bloodnet.hl7.orderin;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes legal HL7 v2 messages over the profile of docs/hl7-conformance.md, and now and then one with two patients or two messages. */
final class MessageGenerator {

    /** How a message is written on the wire, and names that its set can write. */
    private enum Writing {
        ASCII("", "US-ASCII", "Probe", "O'Neil", "Smith-Jones"),
        UTF_8("UNICODE UTF-8", "UTF-8", "Müller", "Łęcka", "Иванов", "山本", "김희중"),
        LATIN_1("8859/1", "ISO-8859-1", "Åström", "Zoë", "Núñez"),
        JIS("~ISO IR87||ISO 2022-1994", "ISO-2022-JP", "山本", "表示", "Yamamoto"),
        GB("GB 18030-2000", "GB18030", "李", "張鷟", "王"),
        SHIFT_JIS("Shift_JIS", "Shift_JIS", "ソ表", "能登"),
        GREEK("8859/7", "ISO-8859-7", "Παπαδόπουλος");

        private final String msh18;
        private final Charset charset;
        private final String[] names;

        Writing(String msh18, String java, String... names) {
            this.msh18 = msh18;
            this.charset = Charset.forName(java);
            this.names = names;
        }
    }

    /**
     * A message.
     *
     * @param text as HL7 means it, before it is written in its set; segments end with CR
     * @param bytes what is sent
     * @param separators MSH-1 and MSH-2 of the bytes; the text has HL7's own
     * @param controlId MSH-10
     * @param legal whether it may be taken; else it must be refused
     */
    record Made(String text, byte[] bytes, String separators, String controlId, boolean legal) {}

    private static final String STANDARD = "|^~\\&";
    private static final String HEAD = "CTHEADWO^CT HEAD^L^30799-1^CT Head WO contrast^LN";
    private static final String CHEST = "CTCHEST^CT CHEST^L";
    private static final String[] ESCAPES = {
        "", "", "", "\\T\\", "\\S\\x", "\\F\\", "\\R\\", "\\E\\", "\\XC3BC\\", "\\Zq1\\", "\\.br\\"
    };
    private static final String[] FILLERS = {
        "NTE|1||words & more~words",
        "AL1|1|DA|^Penicillin",
        "ZBX|1|a^b&c~d|\\X41\\",
        "ZA1",
        "PD1|||X",
        "PV2|||reason",
        "DG1|1||R51^Headache^I10"
    };

    private final Random random;
    private int number;

    MessageGenerator(Random random) {
        this.random = random;
    }

    Made next() {
        number++;
        Writing writing = Writing.values()[random.nextInt(Writing.values().length)];
        List<String> segments = new ArrayList<>();
        String separators = pick(STANDARD, STANDARD, STANDARD, "|@~\\&", "#^~\\&", "|^*!$");
        // an escaped separator is the sender's own, which need not be ours
        String id = "G" + number + (separators.equals(STANDARD) && random.nextInt(20) == 0 ? "\\T\\x" : "");
        boolean legal = true;
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> orders(segments, writing, id, "ORM^O01^ORM_O01");
            case 3, 4 -> orders(segments, writing, id, "OMG^O19^OMG_O19");
            case 5, 6 -> orders(segments, writing, id, "OMI^O23^OMI_O23");
            case 7, 8 -> reports(segments, writing, id);
            default -> {
                segments.add(msh("ADT^A08^ADT_A01", writing, id));
                segments.add(pid(writing, patient(0)));
                segments.add("PV1|1|" + pick("E", "I", "O"));
            }
        }
        if (random.nextInt(25) == 0) {
            legal = damage(segments, writing);
        }
        String end = random.nextInt(4) == 0 ? "\r\n" : "\r";
        String text = String.join(end, segments) + end;
        return new Made(
                String.join("\r", segments) + "\r",
                separated(text, separators).getBytes(writing.charset),
                separators,
                id,
                legal);
    }

    /** With other separators. Names of the profile hold none of them but escaped ones. */
    private static String separated(String text, String others) {
        String from = STANDARD;
        if (others.equals(from)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            int at = from.indexOf(text.charAt(i));
            out.append(at < 0 ? text.charAt(i) : others.charAt(at));
        }
        return out.toString();
    }

    /** What makes a message one that must be refused; false when it does. */
    private boolean damage(List<String> segments, Writing writing) {
        boolean orders = segments.stream().anyMatch(s -> s.startsWith("ORC|NW"));
        switch (random.nextInt(3)) {
            case 0 -> segments.add(1 + random.nextInt(segments.size()), msh("ORM^O01", writing, "INSIDE" + number));
            case 1 ->
                segments.set(
                        0,
                        segments.getFirst()
                                .replaceFirst(
                                        "\\|P\\|(2[0-9.]*)\\|.*|\\|P\\|(2[0-9.]*)$", "|P|2.5.1||||||NO SUCH SET"));
            default -> {
                if (!orders || segments.getFirst().contains("OMG")) {
                    return true;
                }
                segments.add(pid(writing, patient(9)));
                segments.add("ORC|NW|X" + number + "^RIS|XA" + number);
                segments.add("OBR|1|||" + HEAD + "|".repeat(14) + "XA" + number);
            }
        }
        return false;
    }

    private String msh(String type, Writing writing, String id) {
        String version = pick("2.3.1", "2.4", "2.5.1", "2.6");
        return "MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|" + pick("20261129120000", "20261129120000-0500", "202611291200")
                + "||" + type + "|" + id + "|P|" + version + (writing.msh18.isEmpty() ? "" : "||||||" + writing.msh18);
    }

    private String patient(int which) {
        return "M" + number + "x" + which;
    }

    private String pid(Writing writing, String mrn) {
        List<String> ids = new ArrayList<>();
        ids.add(mrn + "^^^HOSP^MR");
        if (random.nextInt(3) == 0) {
            ids.add(mrn + pick("^^^HOSP^MR", "^^^HOSP", ""));
        }
        if (random.nextInt(3) == 0) {
            ids.add("V" + number + "^^^HOSP^VN");
        }
        if (random.nextInt(3) == 0) {
            ids.add("S" + random.nextInt(9) + "^^^GOV&1.2.3&ISO^SS");
        }
        if (random.nextInt(4) == 0) {
            ids.add("M" + (number - 1) + "x0^^^HOSP^AN"); // an account whose number is another patient's record
        }
        Collections.shuffle(ids, random);
        String name = pick(writing.names) + pick(ESCAPES) + (random.nextInt(3) == 0 ? pick(writing.names) : "");
        return "PID|1||" + String.join("~", ids) + "||" + name + "^" + pick(writing.names) + pick("", "^^^^^L~Alias^Al")
                + "||" + pick("19570303", "1957030312", "") + "|" + pick("F", "M", "O", "U", "");
    }

    private void orders(List<String> segments, Writing writing, String id, String type) {
        segments.add(msh(type, writing, id));
        early(segments);
        String mrn = patient(0);
        segments.add(pid(writing, mrn));
        filler(segments);
        if (random.nextBoolean()) {
            segments.add("PV1|1|" + pick("E", "I", "O") + "|ER^^^HOSP" + "|".repeat(16) + "V" + number);
        }
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String key = number + "-" + i;
            segments.add("ORC|" + pick("NW", "NW", "NW", "SN", "CA", "XO") + "|P" + key + namespace() + "|A" + key
                    + pick("", "^RIS") + "||||^^^20261129^^" + pick("S", "A", "R", ""));
            filler(segments);
            segments.add("OBR|" + (i + 1) + "|P" + key + "||" + pick(HEAD, HEAD, CHEST) + "|".repeat(14) + "A" + key);
            if (random.nextInt(3) == 0) {
                segments.add("OBX|1|NM|2160-0^Creatinine^LN||1.1|mg/dL|||||F");
            }
            if (type.startsWith("OMI")) {
                segments.add("IPC|A" + key + "^RIS|RP1^RIS|1.2.826.0.1." + number + "." + i + "^RIS|SPS1^RIS|CT");
            }
            if (type.startsWith("OMG") && random.nextInt(3) == 0) {
                priorResult(segments, writing, mrn);
            }
            filler(segments);
        }
    }

    private void priorResult(List<String> segments, Writing writing, String mrn) {
        segments.add(pid(writing, mrn));
        segments.add("PV1|1|E");
        if (random.nextBoolean()) {
            segments.add("ORC|PR|OLD" + number + "^RIS|OLDF" + number);
        }
        segments.add("OBR|1|OLD" + number + "||" + HEAD + "|".repeat(14) + "OLDA" + number + "||||20250605101500|||F");
        segments.add("OBX|1|CWE|29308-4^Diagnosis^LN||I61.9^ICH^I10||||||F");
    }

    private void reports(List<String> segments, Writing writing, String id) {
        segments.add(msh("ORU^R01^ORU_R01", writing, id));
        int patients = 1 + random.nextInt(2);
        for (int p = 0; p < patients; p++) {
            segments.add(pid(writing, patient(p)));
            filler(segments);
            for (int i = random.nextInt(3); i >= 0; i--) {
                String key = number + "-" + p + "-" + i;
                if (random.nextInt(3) > 0) {
                    segments.add("ORC|RE|P" + key + namespace());
                }
                segments.add("OBR|" + (i + 1) + "|P" + key + "|A" + key + "|" + pick(HEAD, HEAD, CHEST) + "|".repeat(14)
                        + "A" + key + "||||20261129115500|||" + pick("F", "F", "C", "P"));
                for (int o = random.nextInt(4); o > 0; o--) {
                    segments.add(
                            "OBX|" + o + "|" + observation() + "||||||" + pick("F", "F", "F", "C", "P", "D", "W", "X"));
                    filler(segments);
                }
            }
        }
    }

    private String observation() {
        return pick(
                "TX|59776-5^Findings^LN||no hemorrhage",
                "CWE|29308-4^Diagnosis^LN||R51^Headache^I10~I61.9^ICH^I10C",
                "CWE|29308-4^Diagnosis^LN||x^local^L^I61.9^ICH^I10",
                "CWE|TECH^Protocol^L||I62^Iodine^L",
                "CE|1386000^ICH^SCT||N^^HL70136",
                "CWE|1386000^ICH^SCT||Y^^HL70136",
                "CWE|18785-6^Reason^LN||I61.9^ICH^I10");
    }

    private String namespace() {
        return pick("", "^RIS", "^RIS^1.2.3^ISO", "^^9.8.7^ISO");
    }

    /** What may stand before the patient. */
    private void early(List<String> segments) {
        if (random.nextInt(4) == 0) {
            segments.add(pick("NTE|1||words & more~words", "ZBX|1|a^b&c~d|\\X41\\", "ZA1"));
        }
    }

    private void filler(List<String> segments) {
        if (random.nextInt(4) == 0) {
            segments.add(pick(FILLERS));
        }
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }
}
