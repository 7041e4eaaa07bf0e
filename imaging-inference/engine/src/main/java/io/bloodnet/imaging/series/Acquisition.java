package io.bloodnet.imaging.series;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    /** Virtual energies, materials and atomic numbers (PS3.3 C.8.2.1.1.1, value 4 of Image Type, and makers' own words). */
    private static final Pattern COMPUTED = Pattern.compile(
            "VMI|MAT_\\w+|EFF_ATOMIC_NUM|ELECTRON_DENSITY|ED|Z_?EFF\\w*|IODINE\\w*|VNC|VNI|MONO\\w*|CALC\\w*|ZMAP|RHO\\w*|"
                    // Derived pixel contrast of a frame (PS3.3 C.8.16.1.4).
                    + "ADDITION|DIVISION|MULTIPLICATION|STD_DEVIATION|QUANTITY|ENERGY_PROP_WT");

    private static final Set<String> FLAVORS_OF_CONTRAST = Set.of("POST_CONTRAST", "ANGIO");

    private static final Pattern COMPUTED_WORDS = Pattern.compile(
            "\\bMONO\\s?(?:E\\b|\\+|ENERG\\w*|CHROM\\w*|\\d)|\\bMONOE\\b|\\d\\s?KEV\\b|\\bKEV\\b|\\bVMI\\b|\\bVNC\\b|\\bVIRTUAL\\b|\\bIODINE\\b|\\bIODDICHTE|"
                    + "\\bZ[\\s-]?EFF\\w*|\\bEFF\\w*[\\s-]Z\\b|\\bEFF\\w* ATOMIC|\\bELECTRON DENS\\w*|\\bRHO\\b|\\bCALCIUM SUPP\\w*|\\bCASUPP\\b|\\bURIC ACID\\b|\\bMATERIAL\\b|"
                    + "\\bFAT FRACTION\\b");

    /** Projections, renderings, maps and screens: no slices of the head, whatever their geometry says. */
    private static final Pattern NO_SLICE = Pattern.compile(
            "MIP|MINIP|MAXIP|MAX_IP|MIN_IP|MIPS?_?\\w*|PROJECTION.*|VRT|VR|VOLREN\\w*|SSD|3D|RAYSUM|SUBTRACT\\w*|SUBTRACTION|"
                    + "PERFUSION|CBF|CBV|MTT|TTP|TMAX|TTD|PBV|SCREEN SAVE|SCREEN_SAVE|DOSE_?\\w*|CPR|CURVED|POSDISP|REPORT|RESULT\\w*|FUSED|COLOR|RGB|MASK|"
                    // What a frame was calculated by, and what it samples (PS3.3 C.8.16.2.1.2 and C.8.16.2.1.3).
                    + "VOLUME_RENDER|SURFACE_RENDER|CURVED_MPR|DISTORTED|DYNAMIC");

    private static final Pattern NO_SLICE_WORDS =
            Pattern.compile("\\b(?:MIP|MINIP|MAXIP|VRT|SSD|RAYSUM|SUBTRACTION|CPR|CURVED|CBF|CBV|MTT|TMAX)\\b");

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

    /** Whether the values are no Hounsfield units of one scan: another Rescale Type, a virtual energy or a material. */
    static boolean isComputed(SliceHeader slice) {
        String unit = upper(slice.making().rescaleType());
        return !unit.isEmpty() && !unit.equals("HU")
                || valuesBehind(slice, 3)
                        .anyMatch(value -> COMPUTED.matcher(value).matches())
                || COMPUTED_WORDS.matcher(upper(slice.seriesDescription())).find();
    }

    /** Whether the image is a projection, a rendering or a map. */
    static boolean isNoSlice(SliceHeader slice) {
        return valuesBehind(slice, 2).anyMatch(value -> NO_SLICE.matcher(value).matches())
                || NO_SLICE_WORDS.matcher(upper(slice.seriesDescription())).find();
    }

    /** Values of Image Type from this one on, and their words: makers put several into one value. */
    private static Stream<String> valuesBehind(SliceHeader slice, int from) {
        List<String> type = slice.imageType();
        return type.subList(Math.min(from, type.size()), type.size()).stream()
                .flatMap(value -> Stream.concat(Stream.of(value), Arrays.stream(value.split(" "))));
    }

    /**
     * Whether Image Type says that the slice was reconstructed as it was scanned (PS3.3 C.8.2.1.1.1). In a multi-frame image the third value
     * is a flavor, VOLUME mostly (C.8.16.1.3); flavors that are no slices are refused before.
     */
    static boolean isOriginal(SliceHeader slice) {
        List<String> type = slice.imageType();
        return type.size() >= 3
                && type.subList(0, 2).equals(List.of("ORIGINAL", "PRIMARY"))
                && (type.get(2).equals("AXIAL") || slice.frame() > 0);
    }

    /** Whether the flavor of a frame says that contrast medium was given (PS3.3 C.8.16.1.3). */
    static boolean isContrast(SliceHeader slice) {
        List<String> type = slice.imageType();
        return slice.frame() > 0 && type.size() >= 3 && FLAVORS_OF_CONTRAST.contains(type.get(2));
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
