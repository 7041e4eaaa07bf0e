package io.bloodnet.imaging.evaluate;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one study.
 *
 * @param study name of its folder
 * @param hemorrhage whether it has one
 * @param subtypes names such as {@code subdural}; empty when not told
 * @param volumeMl measured blood, mL; null when not told
 */
public record Label(
        String study,
        boolean hemorrhage,
        List<String> subtypes,
        @Nullable Double volumeMl) {

    private static final int STUDIES_MAX = 100_000;

    /** What spreadsheets put in front of a text in UTF-8. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    public Label {
        subtypes = List.copyOf(subtypes);
    }

    /**
     * Reads a CSV file with a header: {@code study} (a folder's name) and {@code ich} (0 or 1) are needed, {@code subtypes} (separated by
     * {@code |}) and {@code volume_ml} may be there, other columns are left alone. UTF-8, cells separated by commas or, as spreadsheets of
     * half of Europe write them, by semicolons; no quoting.
     *
     * @throws BadLabelsException when it is not that
     */
    public static List<Label> read(Path csv) throws IOException {
        List<String> lines = lines(csv);
        if (lines.size() < 2 || lines.size() > STUDIES_MAX) {
            throw new BadLabelsException("the labels have " + lines.size() + " lines, not 2.." + STUDIES_MAX);
        }
        String separator = lines.getFirst().contains(";") ? ";" : ",";
        List<String> header = cells(lines.getFirst().toLowerCase(Locale.ROOT), separator);
        if (!header.contains("study") || !header.contains("ich")) {
            throw new BadLabelsException("the labels' first line does not name the columns study and ich");
        }
        List<Label> labels = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            Label label = label(header, cells(lines.get(i), separator), i + 1);
            if (!seen.add(label.study())) {
                throw new BadLabelsException("line " + (i + 1) + " labels a study again");
            }
            labels.add(label);
        }
        return labels;
    }

    private static List<String> lines(Path csv) throws IOException {
        try {
            String text = Files.readString(csv);
            return (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (CharacterCodingException e) {
            throw new BadLabelsException("the labels are no text in UTF-8");
        }
    }

    private static Label label(List<String> header, List<String> cells, int line) {
        String study = cell(header, cells, "study");
        String ich = cell(header, cells, "ich");
        // A name that leads out of the data folder would be read as a study of its own.
        boolean plain = !study.isEmpty() && !study.contains("/") && !study.contains("\\") && !study.startsWith(".");
        if (!plain) {
            throw new BadLabelsException("line " + line + ": study is no name of a folder");
        }
        if (!ich.equals("0") && !ich.equals("1")) {
            throw new BadLabelsException("line " + line + ": ich is neither 0 nor 1");
        }
        List<String> subtypes = Arrays.stream(cell(header, cells, "subtypes").split("\\|"))
                .map(String::strip)
                .filter(subtype -> !subtype.isEmpty())
                .toList();
        return new Label(study, ich.equals("1"), subtypes, volume(cell(header, cells, "volume_ml"), line));
    }

    private static @Nullable Double volume(String cell, int line) {
        if (cell.isEmpty()) {
            return null;
        }
        try {
            double ml = Double.parseDouble(cell);
            if (ml >= 0 && ml < 5_000) {
                return ml;
            }
        } catch (NumberFormatException e) {
            throw new BadLabelsException("line " + line + ": volume_ml is no number");
        }
        throw new BadLabelsException("line " + line + ": volume_ml is not in 0..5000");
    }

    private static String cell(List<String> header, List<String> cells, String column) {
        int at = header.indexOf(column);
        return at >= 0 && at < cells.size() ? cells.get(at) : "";
    }

    private static List<String> cells(String line, String separator) {
        return Arrays.stream(line.split(separator, -1)).map(String::strip).toList();
    }
}
