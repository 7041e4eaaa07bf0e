package io.bloodnet.hl7.orderin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a generated message by splitting its text, and shares no code with what it is the oracle of: which orders and reports it holds, under
 * which patient each stands, and what each report says.
 */
final class SecondParser {

    private static final Set<String> FINAL_OBX = Set.of("F", "C");

    /**
     * One OBR.
     *
     * @param placer its placer number
     * @param namespace who gave it, components 2 to 4 as they are written; empty for none
     * @param mrn the number of type MR in the PID before it
     * @param family the family name there
     * @param control ORC-1, empty when there is no ORC
     * @param head whether a head CT is meant
     * @param status OBR-25; W where what it said is taken back, by OBR-25 or because no final OBX is left
     * @param says what its final observations say of hemorrhage
     */
    record Read(
            String placer,
            String namespace,
            String mrn,
            String family,
            String control,
            boolean head,
            String status,
            @Nullable Boolean says) {}

    private SecondParser() {}

    static List<Read> read(String text, String separators) {
        List<Read> all = new ArrayList<>();
        String[] segments = text.split("\r");
        boolean reports = segments[0].contains("|ORU^");
        Set<String> seen = new HashSet<>();
        String[] pid = {};
        String[] orc = {};
        for (int i = 0; i < segments.length; i++) {
            String[] fields = segments[i].split("\\|", -1);
            switch (fields[0]) {
                case "PID" -> {
                    pid = reports || seen.add("PID") ? fields : pid;
                    orc = new String[0];
                }
                case "ORC" -> orc = fields;
                case "OBR" -> {
                    boolean prior = fields[2].startsWith("OLD") || at(orc, 1).equals("PR");
                    if (!prior) {
                        String placer = at(orc, 2).isEmpty() ? fields[2] : at(orc, 2);
                        all.add(new Read(
                                part(placer, 0),
                                placer.contains("^") ? placer.substring(placer.indexOf('^') + 1) : "",
                                mrn(pid),
                                unescaped(part(at(pid, 5).split("~")[0], 0), separators),
                                at(orc, 1),
                                fields[4].startsWith("CTHEADWO"),
                                isTakenBack(at(fields, 25), segments, i + 1) ? "W" : at(fields, 25),
                                says(segments, i + 1)));
                    }
                    orc = new String[0];
                }
                default -> {}
            }
        }
        return all;
    }

    private static boolean isTakenBack(String status, String[] segments, int from) {
        boolean back = false;
        for (int i = from; i < segments.length; i++) {
            String[] f = segments[i].split("\\|", -1);
            if (Set.of("OBR", "ORC", "PID").contains(f[0])) {
                break;
            }
            if (f[0].equals("OBX") && FINAL_OBX.contains(at(f, 11))) {
                return "DWX".contains(status);
            }
            back |= f[0].equals("OBX") && Set.of("D", "W", "X").contains(at(f, 11));
        }
        return "DWX".contains(status) || back && "FC".contains(status);
    }

    private static @Nullable Boolean says(String[] segments, int from) {
        Boolean said = null;
        for (int i = from; i < segments.length; i++) {
            String[] f = segments[i].split("\\|", -1);
            if (Set.of("OBR", "ORC", "PID").contains(f[0])) {
                break;
            }
            if (!f[0].equals("OBX") || !FINAL_OBX.contains(at(f, 11))) {
                continue;
            }
            boolean yes = f[5].contains("I61.9") && f[3].startsWith("29308-4") || f[5].startsWith("Y^^HL70136");
            if (yes) {
                return true;
            }
            said = f[5].startsWith("N^^HL70136") ? Boolean.FALSE : said;
        }
        return said;
    }

    private static String mrn(String[] pid) {
        return Arrays.stream(at(pid, 3).split("~"))
                .filter(id -> id.endsWith("^MR"))
                .map(id -> part(id, 0))
                .findFirst()
                .orElse("");
    }

    /** An escape stands for the separator that the message has. */
    private static String unescaped(String text, String separators) {
        String read = text;
        for (int i = 0; i < separators.length(); i++) {
            read = read.replace("\\" + "FSRET".charAt(i) + "\\", String.valueOf(separators.charAt(i)));
        }
        return read;
    }

    private static String at(String[] fields, int index) {
        return index < fields.length ? fields[index] : "";
    }

    private static String part(String field, int index) {
        String[] parts = field.split("\\^", -1);
        return index < parts.length ? parts[index] : "";
    }
}
