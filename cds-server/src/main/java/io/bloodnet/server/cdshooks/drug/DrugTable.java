package io.bloodnet.server.cdshooks.drug;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The antithrombotic drugs that we know: codes of ingredients and products, ATC groups, names. The rows, with their sources, are in
 * {@code cdshooks/antithrombotics.csv} and {@code antithrombotic-names.csv}. Immutable.
 */
public final class DrugTable {

    /** WHO ATC, as FHIR names it. */
    static final String ATC = "http://www.whocc.no/atc";

    private static final Map<String, DrugClass> ATC_GROUPS = atcGroups();
    private static final Map<String, String> SYSTEMS = Map.of(
            "2.16.840.1.113883.6.88", "http://www.nlm.nih.gov/research/umls/rxnorm",
            "2.16.840.1.113883.6.96", "http://snomed.info/sct",
            "2.16.840.1.113883.6.73", ATC,
            "http://fhir.de/codesystem/bfarm/atc", ATC,
            "http://fhir.de/codesystem/dimdi/atc", ATC);

    private final Map<String, Row> byCode = new HashMap<>();
    private final DrugNames names = new DrugNames();

    /** A row of the table. */
    record Row(String system, String code, String ingredient, DrugClass drugClass, boolean verified, String source) {}

    private DrugTable() {}

    /** Reads the table that comes with the server. */
    public static DrugTable load() {
        DrugTable table = new DrugTable();
        for (String line : lines("/cdshooks/antithrombotics.csv")) {
            String[] f = line.split(",", 7);
            Row row = new Row(f[0], f[1], f[3], DrugClass.valueOf(f[4]), f[5].equals("yes"), f[6]);
            if (table.byCode.put(key(f[0], f[1]), row) != null) {
                throw new IllegalStateException("code " + f[1] + " is twice in the table of drugs");
            }
        }
        for (String line : lines("/cdshooks/antithrombotic-names.csv")) {
            String[] f = line.split(",", 3);
            Row row = new Row("", "", f[0], DrugClass.valueOf(f[1]), false, "name");
            table.names.add(f[0], row);
            for (String name : f[2].isBlank() ? new String[0] : f[2].strip().split(" +")) {
                table.names.add(name.replace('_', ' '), row);
            }
        }
        return table;
    }

    /** The drug of a coding. */
    Optional<DrugMatch> byCode(String written, String code) {
        String system = system(written);
        if (system.equals(ATC)) {
            return byAtc(code.toUpperCase(Locale.ROOT));
        }
        Row row = byCode.get(key(system, code));
        if (row == null) {
            return Optional.empty();
        }
        DrugMatch.Basis basis = row.verified() ? DrugMatch.Basis.VERIFIED_CODE : DrugMatch.Basis.UNVERIFIED_CODE;
        return Optional.of(new DrugMatch(row.ingredient(), row.drugClass(), basis));
    }

    /** A code system is known by its URI as FHIR has it, by its OID, and with {@code https} or a slash at its end. */
    private static String system(String written) {
        String plain = written.endsWith("/") ? written.substring(0, written.length() - 1) : written;
        plain = plain.startsWith("https://") ? "http://" + plain.substring("https://".length()) : plain;
        plain = plain.regionMatches(true, 0, "urn:oid:", 0, "urn:oid:".length())
                ? plain.substring("urn:oid:".length())
                : plain;
        return SYSTEMS.getOrDefault(plain.toLowerCase(Locale.ROOT), plain);
    }

    /** The drug that a text names, see {@link DrugNames}. */
    Optional<DrugMatch> byText(String text) {
        return names.in(text).map(row -> new DrugMatch(row.ingredient(), row.drugClass(), DrugMatch.Basis.TEXT));
    }

    /** Every name with the drug that it means. */
    Map<String, String> namesByText() {
        return names.all();
    }

    /** All rows with codes. */
    List<Row> rows() {
        return List.copyOf(byCode.values());
    }

    private static Optional<DrugMatch> byAtc(String code) {
        return code.length() < 5
                ? Optional.empty()
                : Optional.ofNullable(ATC_GROUPS.get(code.substring(0, 5)))
                        .map(group -> new DrugMatch(group.display(), group, DrugMatch.Basis.ATC_GROUP));
    }

    private static Map<String, DrugClass> atcGroups() {
        return Map.of(
                "B01AA", DrugClass.VITAMIN_K_ANTAGONIST,
                "B01AB", DrugClass.HEPARIN,
                "B01AC", DrugClass.ANTIPLATELET,
                "B01AD", DrugClass.THROMBOLYTIC,
                "B01AE", DrugClass.DIRECT_THROMBIN_INHIBITOR,
                "B01AF", DrugClass.FACTOR_XA_INHIBITOR,
                "B01AX", DrugClass.OTHER_ANTICOAGULANT);
    }

    private static String key(String system, String code) {
        return system + "|" + code;
    }

    private static List<String> lines(String resource) {
        InputStream in = DrugTable.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(resource + " is not among the resources");
        }
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            reader.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .skip(1)
                    .forEach(lines::add);
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " cannot be read", e);
        }
        return lines;
    }
}
