package io.bloodnet.imaging.study;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What kernel and description tell of how a series was made. Hints, since every maker names them otherwise. */
final class Acquisition {

    /** Siemens: a letter or two, a number for sharpness, a final s, f or h. 50 and above is sharp, 60 and above bone. */
    private static final Pattern SIEMENS = Pattern.compile("(?:[HBJITDU][RFV]?|HR|BR|QR)(\\d{2})[A-Z]?(?:\\\\.*)?");

    private static final int SIEMENS_SHARP_FROM = 50;

    /** Canon and Toshiba: FC30 to FC39 and FC80 to FC91 are bone and high resolution. */
    private static final Pattern CANON = Pattern.compile("FC(\\d{2}).*");

    /** Philips high-resolution filters; its soft ones are A, B, C, UA, UB, UC. */
    private static final Set<String> PHILIPS_SHARP = Set.of("D", "E", "L", "YA", "YB", "YC", "YD", "YE");

    private static final Pattern SHARP_WORDS =
            Pattern.compile("\\b(?:BONE\\w*|BONEPLUS|EDGE|SHARP\\w*|LUNG\\w*|DETAIL|OSSEUX|KNOCHEN\\w*|HUESO|OSSO)\\b");

    private static final Pattern WITHOUT_CONTRAST =
            Pattern.compile("\\b(?:NON|NO|NOT|W/O|WO|WITHOUT|SANS|SIN|OHNE|SENZA|SEM|PRE|NATIV\\w*)[\\s_./-]*"
                    + "(?:IV|I\\.V\\.)?[\\s_./-]*(?:C\\+?\\b|CON\\b|CONT\\b|CONTR\\w*|KM\\b|INJ\\w*|C-\\B)?");

    private static final Pattern WITH_CONTRAST =
            Pattern.compile("\\b(?:CONTRAST\\w*|CTA|ANGIO\\w*|ARTERIAL|ARTERIELL|VENOUS|VENOES|"
                    + "PERFUSION|PERF|CTP|CTV|POST[\\s_-]?(?:CON\\w*|C|KM|IV|INJ\\w*)|ENHANCED|CE|CECT|KM|INJ(?:ECTE\\w*)?|GADO\\w*|"
                    + "W[\\s_/-](?:IV|CON\\w*|C)|MIT KM)\\b|C\\+|\\+\\s?C\\b|\\bW/(?!O)");

    private static final Set<String> NO_AGENT =
            Set.of("", "NONE", "NO", "N", "N/A", "NA", "NIL", "0", "WITHOUT", "NON");

    private Acquisition() {}

    /** Whether the kernel, or the description where the kernel tells nothing, means bone or lung. */
    static boolean isSharp(@Nullable String kernel, @Nullable String description) {
        String k = upper(kernel);
        var siemens = SIEMENS.matcher(k);
        if (siemens.matches()) {
            return Integer.parseInt(siemens.group(1)) >= SIEMENS_SHARP_FROM;
        }
        var canon = CANON.matcher(k);
        if (canon.matches()) {
            int number = Integer.parseInt(canon.group(1));
            return number >= 30 && number < 40 || number >= 80;
        }
        return PHILIPS_SHARP.contains(k)
                || SHARP_WORDS.matcher(k).find()
                || SHARP_WORDS.matcher(upper(description)).find();
    }

    /** Whether (0018,0010) names an agent. */
    static boolean namesAgent(@Nullable String contrastBolusAgent) {
        return !NO_AGENT.contains(upper(contrastBolusAgent));
    }

    /** Whether the description speaks of contrast medium, and not of its absence. */
    static boolean describesContrast(@Nullable String description) {
        String rest = WITHOUT_CONTRAST.matcher(upper(description)).replaceAll(" ");
        return WITH_CONTRAST.matcher(rest).find();
    }

    /** Whether the body part is named and no part of a head. A hint only: it is often wrong. */
    static boolean isElsewhere(@Nullable String bodyPart) {
        String part = upper(bodyPart);
        return !part.isEmpty() && !part.matches(".*(?:HEAD|BRAIN|SKULL|NEURO|CRANI|KOPF|SCHAEDEL|TETE|CRANE|CEREB).*");
    }

    private static String upper(@Nullable String text) {
        return text == null ? "" : text.strip().toUpperCase(Locale.ROOT).replace('_', ' ');
    }
}
