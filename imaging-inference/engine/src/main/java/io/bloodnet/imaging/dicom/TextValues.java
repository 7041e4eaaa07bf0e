package io.bloodnet.imaging.dicom;

import java.util.ArrayList;
import java.util.List;

/** Separators and padding of text values (PS3.5 section 6.2 and 6.4). */
final class TextValues {

    private TextValues() {}

    static List<String> split(String text, Vr vr) {
        if (vr.isSingleText()) {
            String value = trimEnd(text);
            return value.isEmpty() ? List.of() : List.of(value);
        }
        List<String> values = new ArrayList<>(2);
        int from = 0;
        for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
            values.add(trim(text.substring(from, at)));
            from = at + 1;
        }
        values.add(trim(text.substring(from)));
        return values.size() == 1 && values.getFirst().isEmpty() ? List.of() : List.copyOf(values);
    }

    private static String trim(String text) {
        String value = trimEnd(text);
        int start = 0;
        while (start < value.length() && value.charAt(start) == ' ') {
            start++;
        }
        return value.substring(start);
    }

    /** Spaces, and the NULs that some writers pad with. */
    private static String trimEnd(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == 0)) {
            end--;
        }
        return text.substring(0, end);
    }
}
