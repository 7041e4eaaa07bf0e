package io.bloodnet.imaging.contrast;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Words about contrast medium, upper case and without accents: English, French, German, Italian, Spanish, Portuguese, Dutch, Swedish,
 * Danish, Norwegian, Polish, Czech, Turkish and Romanian. A pattern covers a whole word.
 */
final class Vocabulary {

    private Vocabulary() {}

    /** Deny what follows. */
    private static final Set<String> WITHOUT = Set.of(
            "WITHOUT", "WO", "NON", "NO", "NOT", "SANS", "SIN", "SENZA", "SEM", "OHNE", "ZONDER", "UTAN", "UDEN",
            "UTEN", "BEZ", "KEIN", "KEINE", "KEINEM", "KEINEN", "GEEN", "NIET", "INGEN", "INGET", "FARA", "PRE",
            "AVANT", "ANTES", "PRIMA", "VOR", "BEFORE", "PRZED", "FORE", "VOOR");

    /** Deny contrast medium also where nothing follows, or nothing that they could deny. */
    private static final Set<String> WITHOUT_ALONE = Set.of(
            "WITHOUT", "WO", "SANS", "SIN", "SENZA", "SEM", "OHNE", "ZONDER", "UTAN", "UDEN", "UTEN", "BEZ", "FARA",
            "KEIN", "GEEN");

    /** Announce what follows. */
    private static final Set<String> WITH =
            Set.of("WITH", "W", "AVEC", "CON", "COM", "MIT", "MET", "MED", "CU", "Z", "ZE", "S", "SE");

    /** Announce contrast medium also where nothing follows. */
    private static final Set<String> WITH_ALONE = Set.of("WITH", "W", "AVEC", "CON", "COM", "MIT");

    private static final Set<String> AFTER =
            Set.of("POST", "NACH", "APRES", "DOPO", "DESPUES", "APOS", "NA", "EFTER", "ETTER", "PO", "DUPA", "AFTER");

    private static final Set<String> AND =
            Set.of("AND", "UND", "ET", "E", "Y", "EN", "OCH", "OG", "I", "A", "VE", "SI", "THEN", "&", "+", "/");

    /** Stand between a denial and what it denies. */
    private static final Set<String> FILLERS = Set.of(
            "OF",
            "ANY",
            "THE",
            "DE",
            "DU",
            "DI",
            "DEL",
            "DO",
            "VAN",
            "AV",
            "IV",
            "INTRAVENOUS",
            "INTRAVENOS",
            "INTRAVENEUX",
            "INTRAVENEUSE",
            "INTRAVENOSO",
            "INTRAVENOSA",
            "ENDOVENOSO",
            "ENDOVENOSA",
            "EV",
            "ORAL",
            "PRODUIT",
            "MEZZO",
            "MEDIO",
            "MEIO",
            "SRODKA",
            "SRODKIEM",
            "INTRAVENOSES",
            "INTRAVENOSEM",
            "AGENT",
            "MEDIA",
            "MEDIUM",
            "DYE",
            "GIVEN",
            "ADMINISTERED",
            "USED",
            "INJECTION",
            "INYECCION");

    /** Contrast medium, how it is given, and its makers' names. */
    private static final Pattern MEDIUM =
            Pattern.compile("CONTRAST\\w*|CONTR|CONT|KONTRAS\\w*|KM|MDC|MDK|PDC|IV|EV|INJ|INJECT\\w*|INJEK\\w*|"
                    + "INYEC\\w*|INIEZ\\w*|INIET\\w*|INJE[CT]\\w*|GAD|GADO\\w*|ENH|ENHANC\\w*|CE|C|IODIN\\w*|IODE|JOD\\w*|DYE|CM|"
                    + "OMNIPA\\w*|ULTRAVIST\\w*|ISOVUE\\w*|VISIPA\\w*|IOMERON\\w*|OPTIRAY\\w*|XENETIX\\w*|OXILAN\\w*|IMERON\\w*|ACCUPAQUE\\w*|"
                    + "SOLUTRAST\\w*|IO(?:HEX|PAM|VERS|DIX|PROM|BIT|MEP|XIL|XAGL)\\w*");

    /** Say by themselves that it was given. */
    private static final Pattern GIVEN = Pattern.compile(
            "CONTRAST\\w*|KONTRASTL[IU]\\w*|KONTRAS\\w*|KM|MDC|MDK|PDC|IV|INJ|INJECT\\w*|INJEK\\w*|"
                    + "INYEC\\w*|INIEZ\\w*|INIET\\w*|GAD|GADO\\w*|ENH|ENHANC\\w*|CE|CECT|CEMRI?|CMPLUS|IODINATED|"
                    + "OMNIPA\\w*|ULTRAVIST\\w*|ISOVUE\\w*|VISIPA\\w*|IOMERON\\w*|OPTIRAY\\w*|XENETIX\\w*|IMERON\\w*|ACCUPAQUE\\w*|SOLUTRAST\\w*|"
                    + "IO(?:HEX|PAM|VERS|DIX|PROM|BIT|MEP|XIL|XAGL)\\w*|"
                    + "CTA|CTV|CTP|CTAV|ATC|ANGIO\\w*|TSA|ARTER\\w*|VENO\\w*|VENEU\\w*|VEINEU\\w*|VENOUS|VENA|PHLEBO\\w*|FLEBO\\w*|PORTAL\\w*|"
                    + "PERF|PERFU\\w*|PERFUZ\\w*|DELAY\\w*|TARDI[FV]\\w*|SPAETPHASE|SPATPHASE|SPAET|CAROTI\\w*|KAROTI\\w*|COW|WILLIS\\w*|POLYGON\\w*|"
                    + "RUNOFF|BOLUS|SMARTPREP|PREMONITORING|CBF|CBV|MTT|TMAX|TTP|DSA|SUBTRACT\\w*|POSTCON\\w*|POSTKON\\w*|POSTINJ\\w*|POSTGAD\\w*");

    /** Say by themselves that none was given. */
    private static final Pattern NONE = Pattern.compile(
            "NATI[VF]\\w*|NATYWN\\w*|UNENHANC\\w*|NONENHANC\\w*|NECT|NCCT|NCHCT|NCCTH|NCE|NONCON\\w*|"
                    + "NONCE|PRECON\\w*|PREKON\\w*|KONTRASTSIZ\\w*|KONTRASTFR\\w*|UNCONTRAST\\w*|BLANCO|BLANK|PLAIN|BASALE|DIRETTA|SIMPLE|INJFREE");

    /** A name for a slice's make-up: behind it, a word at the end still stands at the end. */
    private static final Pattern TECHNICAL = Pattern.compile(
            "\\d\\S*|MM|AX|AXI|AXIAL\\w*|STD|STAND\\w*|SOFT|SMOOTH|TISSUE|ST|BRAIN|HEAD|BONE|THIN|THICK|"
                    + "HELICAL|SPIRAL|SEQ\\w*|HIRN|KOPF|CEREBR\\w*|CRAN\\w*|MIN|SEC|S");

    /** After "post": what is not about contrast medium. */
    private static final Pattern OTHER_AFTER = Pattern.compile(
            "FOSS\\w*|OP|OPS|OPER\\w*|SURG\\w*|TRAUM\\w*|FALL|MORTEM|ICTAL|CLIP\\w*|COIL\\w*|EVD|SHUNT|VPS?|"
                    + "DRAIN\\w*|CRANI\\w*|STROKE|ARREST|LYSIS|TPA|TNK|THROMB\\w*|PROC\\w*|INTERV\\w*|BIOPS\\w*|TREAT\\w*|THERAP\\w*|RT|XRT|RADI\\w*|CHEMO\\w*|"
                    + "EMBOL\\w*|BURR|EVAC\\w*|REPO\\w*|MVA|MVC|PARTUM|ICU|PIN|FIX\\w*|PROCESS\\w*|REDUC\\w*|TRAUMATI\\w*|UNFALL|STURZ|OR|LATERAL|WALL|PART|THIRD");

    /** Before a word of {@link #GIVEN}: it then speaks of something else. */
    private static final Set<String> OTHER_BEFORE = Set.of("EDGE", "LOW", "HIGH", "GRADE", "STAGE");

    static boolean denies(String word) {
        return WITHOUT.contains(word);
    }

    static boolean deniesAlone(String word) {
        return WITHOUT_ALONE.contains(word);
    }

    static boolean announces(String word) {
        return WITH.contains(word);
    }

    static boolean announcesAlone(String word) {
        return WITH_ALONE.contains(word);
    }

    static boolean isAfter(String word) {
        return AFTER.contains(word);
    }

    static boolean joins(String word) {
        return AND.contains(word);
    }

    static boolean isFiller(String word) {
        return FILLERS.contains(word);
    }

    static boolean isMedium(String word) {
        return MEDIUM.matcher(word).matches();
    }

    static boolean isGiven(String word) {
        return GIVEN.matcher(word).matches();
    }

    static boolean isNone(String word) {
        return NONE.matcher(word).matches();
    }

    static boolean isTechnical(String word) {
        return TECHNICAL.matcher(word).matches();
    }

    static boolean isOtherAfter(String word) {
        return OTHER_AFTER.matcher(word).matches();
    }

    static boolean isOtherBefore(String word) {
        return OTHER_BEFORE.contains(word);
    }

    /** Words of an agent's field that say that there was none. */
    private static final Set<String> NO_AGENT = Set.of(
            "N", "NA", "NIL", "NO", "NONE", "NULL", "FALSE", "0", "NEIN", "NEE", "NEJ", "NIE", "NESSUNO", "NESSUN",
            "NINGUNO", "NINGUNA", "AUCUN", "AUCUNE", "NENHUM", "NENHUMA", "GEEN", "INGEN", "INGET", "BRAK", "YOK",
            "KEIN", "KEINE", "KEINES", "WITHOUT", "WO", "OHNE", "SIN", "SANS", "SENZA", "SEM", "ZONDER", "UTAN", "UDEN",
            "UTEN", "BEZ", "FARA", "NON", "NOT", "NICHT", "NIENTE", "NADA", "RIEN", "NATIV", "NATIVE", "PLAIN");

    /** Words that may follow those. */
    private static final Set<String> NO_AGENT_REST = Set.of(
            "GIVEN",
            "ADMINISTERED",
            "USED",
            "APPLICABLE",
            "APPLICABILE",
            "APLICA",
            "RECORDED",
            "INJECTED",
            "ML",
            "CC",
            "VERABREICHT",
            "GEGEBEN",
            "AGENT");

    private static final Set<String> NOT_KNOWN = Set.of(
            "UNKNOWN", "UNK", "UNBEKANNT", "INCONNU", "DESCONOCIDO", "SCONOSCIUTO", "ONBEKEND", "OTHER", "UNSPECIFIED");

    static boolean isNoAgent(String word) {
        return NO_AGENT.contains(word);
    }

    static boolean mayFollowNoAgent(String word) {
        return NO_AGENT_REST.contains(word) || NO_AGENT.contains(word);
    }

    static boolean isNotKnown(String word) {
        return NOT_KNOWN.contains(word);
    }
}
