package io.bloodnet.fhir;

import io.bloodnet.imaging.order.PatientId;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One identifier of a FHIR Patient, and whether a Patient's identifiers name the patient of an order. The value alone never does: the
 * identifier's system or its type must speak for it, since an account number or another hospital's number may have the same digits.
 *
 * @param system the namespace that the value is unique in, null when the EHR does not say
 * @param value as written, without blanks around it
 * @param kind what the EHR says that it is
 */
public record PatientNumber(@Nullable String system, String value, Kind kind) {

    /** What an identifier's type says (FHIR R4 Identifier.type, codes of HL7 table 0203). */
    public enum Kind {
        /** A medical record number: MR. */
        MEDICAL_RECORD,
        /** A number of the patient of some other scope: PI, PT; or a type in words that we do not know. */
        PATIENT,
        /** Nothing is said. */
        NOT_SAID,
        /** Anything else: an account, a visit, an insurance, a passport. */
        OTHER
    }

    /** The code system of HL7 table 0203 in FHIR R4. */
    public static final String TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203";

    private static final Set<String> TYPE_SYSTEMS =
            Set.of(TYPES, "http://hl7.org/fhir/v2/0203", "urn:oid:2.16.840.1.113883.18.108");
    private static final Set<String> RECORD_WORDS = Set.of("mr", "mrn", "medical record", "medical record number");

    /** One coding of Identifier.type. */
    public record TypeCode(@Nullable String system, String code) {}

    /**
     * What a type means. Codes of table 0203 decide; without any the text does.
     *
     * @param codes all codings
     * @param text the type's text, empty for none
     */
    public static Kind kind(Collection<TypeCode> codes, String text) {
        List<String> known = codes.stream()
                .filter(c -> c.system() == null || TYPE_SYSTEMS.contains(c.system()))
                .map(TypeCode::code)
                .toList();
        if (known.contains("MR")) {
            return Kind.MEDICAL_RECORD;
        }
        if (known.contains("PI") || known.contains("PT")) {
            return Kind.PATIENT;
        }
        if (!known.isEmpty()) {
            return Kind.OTHER;
        }
        String words = text.strip().toLowerCase(Locale.ROOT);
        if (RECORD_WORDS.contains(words)) {
            return Kind.MEDICAL_RECORD;
        }
        return codes.isEmpty() && words.isEmpty() ? Kind.NOT_SAID : Kind.PATIENT;
    }

    /**
     * Whether one of a Patient's identifiers is the order's.
     *
     * <p>Where the site listed the order's authority, the identifier has that system (and is no account, visit or insurance number), or has
     * no system and is a medical record number. Where it did not, an identifier counts whose system names the authority ({@code urn:hosp:mrn}
     * names {@code HOSP}), else a medical record number, if all of the Patient's are of one system.
     *
     * @param numbers all identifiers of one Patient that are in use
     * @param id of the order
     * @param systems FHIR identifier system by HL7 assigning authority, as the site listed them
     */
    public static boolean anyIs(List<PatientNumber> numbers, PatientId id, Map<String, String> systems) {
        return candidates(numbers, id.assigner(), systems)
                .anyMatch(n -> n.value().equals(id.value()));
    }

    private static Stream<PatientNumber> candidates(
            List<PatientNumber> numbers, @Nullable String authority, Map<String, String> systems) {
        List<PatientNumber> own =
                numbers.stream().filter(n -> n.kind() != Kind.OTHER).toList();
        String listed = authority == null ? null : systems.get(authority);
        if (listed != null) {
            return own.stream()
                    .filter(n -> n.system() == null
                            ? n.kind() == Kind.MEDICAL_RECORD
                            : n.system().equals(listed));
        }
        List<PatientNumber> free = own.stream()
                .filter(n -> n.system() == null || !systems.containsValue(n.system()))
                .toList();
        List<PatientNumber> named = free.stream()
                .filter(n -> authority != null && n.system() != null && names(n.system(), authority))
                .toList();
        if (!named.isEmpty()) {
            return named.stream();
        }
        List<PatientNumber> records =
                free.stream().filter(n -> n.kind() == Kind.MEDICAL_RECORD).toList();
        boolean oneSystem = records.stream()
                        .map(n -> n.system() == null ? "" : n.system())
                        .distinct()
                        .count()
                == 1;
        return oneSystem ? records.stream() : Stream.empty();
    }

    /** Whether one of the URI's parts is the authority's name, case ignored. */
    private static boolean names(String system, String authority) {
        return Arrays.stream(system.split("[:/.#?=&]")).anyMatch(authority::equalsIgnoreCase);
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "PatientNumber[" + kind + "]";
    }
}
