package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Fields;
import io.bloodnet.hl7.message.Times;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads PID and MRG: which of a patient's identifiers is ours is decided by assigning authority and type, never by position. */
final class PatientReader {

    /** Most identifiers looked at in one field. */
    private static final int IDENTIFIERS_MAX = 50;

    private static final String MEDICAL_RECORD = "MR";

    /**
     * Identifier types (HL7 table 0203) of an account, a visit, a specimen or an order: they name something of a patient, not the patient,
     * and may be the number of another patient's record.
     */
    private static final Set<String> NOT_A_PERSON =
            Set.of("AN", "ANC", "AND", "ANT", "VN", "VS", "ACSN", "PLAC", "FILL", "SN", "SID", "SNO");

    private final @Nullable String authority;

    PatientReader(Hl7Config.Site site) {
        this.authority = site.assigningAuthority();
    }

    /**
     * A patient.
     *
     * @param doubt why a person must decide who it is, null when it is clear
     */
    record Known(Patient patient, @Nullable String doubt) {}

    /** One repetition of an identifier list. */
    private record Identifier(
            String value,
            @Nullable String namespace,
            @Nullable String universal,
            String type) {

        boolean isOf(@Nullable String authority) {
            return authority != null
                    && (authority.equalsIgnoreCase(namespace) || authority.equalsIgnoreCase(universal));
        }

        /** Whether both can be one: the same value, and nowhere another authority or type. */
        boolean agrees(Identifier other) {
            return value.equals(other.value)
                    && compatible(namespace, other.namespace)
                    && compatible(universal, other.universal)
                    && (type.isEmpty() || other.type.isEmpty() || type.equals(other.type));
        }

        private static boolean compatible(@Nullable String a, @Nullable String b) {
            return a == null || b == null || a.equalsIgnoreCase(b);
        }

        /** Whether it is a number of the other's authority and type: what another authority gave names somebody for that one only. */
        boolean isOfOneKindWith(Identifier other) {
            return compatible(namespace, other.namespace)
                    && compatible(universal, other.universal)
                    && type.equals(other.type);
        }

        /** The number of an account or a visit, kept apart from patients' numbers, of which it may have the digits. */
        PatientId apart(String location) {
            String written = type + "^" + value;
            String fitting = written.substring(0, Math.min(written.length(), PatientId.LENGTH_MAX));
            return Fields.make(location, () -> new PatientId(fitting, namespace != null ? namespace : universal));
        }

        /** How much it says besides the value. */
        int detail() {
            return (namesAuthority() ? 2 : 0) + (type.isEmpty() ? 0 : 1);
        }

        boolean namesAuthority() {
            return namespace != null || universal != null;
        }

        PatientId id(String location) {
            return Fields.make(location, () -> new PatientId(value, namespace != null ? namespace : universal));
        }
    }

    /** @throws MessageRefusedException when PID or its identifier is missing */
    Known patient(@Nullable Er7Segment pid) {
        if (pid == null) {
            throw MessageRefusedException.of(Condition.REQUIRED_FIELD_MISSING, "PID", "the message has no PID");
        }
        List<Identifier> list = identifiers(pid, 3);
        String location = "PID-3";
        if (list.isEmpty()) {
            list = identifiers(pid, 2);
            location = "PID-2";
        }
        if (list.isEmpty()) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "PID-3", "the patient has no identifier");
        }
        Identifier chosen = choose(list);
        String doubt = chosen != null
                ? null
                : location + " has " + list.size() + " identifiers and none of them is clearly ours";
        Identifier first = list.stream()
                .filter(i -> !NOT_A_PERSON.contains(i.type()))
                .findFirst()
                .orElse(list.getFirst());
        PatientId id = (chosen != null ? chosen : first).id(location);
        Patient patient = new Patient(
                id,
                Fields.text(pid, 5, 1),
                Fields.text(pid, 5, 2),
                Times.day(pid.text(7)).orElse(null),
                Patient.Sex.ofLetter(pid.text(8)));
        return new Known(patient, doubt);
    }

    /**
     * Whom a message names that needs no patient, such as a cancellation: the number that is clearly ours, else the first, with the others that
     * name a person; empty when it names nobody. A record that was merged may come with the numbers of both.
     */
    List<PatientId> named(@Nullable Er7Segment pid) {
        if (pid == null) {
            return List.of();
        }
        String location = identifiers(pid, 3).isEmpty() ? "PID-2" : "PID-3";
        List<Identifier> list = identifiers(pid, location.equals("PID-2") ? 2 : 3);
        List<Identifier> persons =
                list.stream().filter(i -> !NOT_A_PERSON.contains(i.type())).toList();
        if (persons.isEmpty()) {
            return list.stream().limit(1).map(i -> i.apart(location)).toList();
        }
        Identifier chosen = choose(list);
        Identifier best = chosen != null ? chosen : persons.getFirst();
        return Stream.concat(Stream.of(best), persons.stream().filter(i -> i.isOfOneKindWith(best)))
                .map(i -> i.id(location))
                .distinct()
                .toList();
    }

    /** MRG-1. @throws MessageRefusedException when it is missing or ambiguous */
    PatientId prior(@Nullable Er7Segment mrg) {
        List<Identifier> list = mrg == null ? List.of() : identifiers(mrg, 1);
        Identifier chosen = choose(list);
        if (chosen == null) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING,
                    "MRG-1",
                    list.isEmpty() ? "the prior identifier is missing" : "none of the identifiers is clearly ours");
        }
        return chosen.id("MRG-1");
    }

    /** Ours and of type MR, else the only one of ours, else the only one of type MR, else the only one; null when several could be meant, or none. */
    private @Nullable Identifier choose(List<Identifier> list) {
        List<Identifier> ours = list.stream().filter(i -> i.isOf(authority)).toList();
        if (authority != null && ours.isEmpty() && list.stream().anyMatch(Identifier::namesAuthority)) {
            return null; // all are of somebody else
        }
        List<Identifier> candidates = (ours.isEmpty() ? list : ours)
                .stream().filter(i -> !NOT_A_PERSON.contains(i.type())).toList();
        List<Identifier> records =
                candidates.stream().filter(i -> i.type().equals(MEDICAL_RECORD)).toList();
        return only(records.isEmpty() ? candidates : records);
    }

    /** The one that all of them are, said several times; null when they are several or none. */
    private static @Nullable Identifier only(List<Identifier> list) {
        boolean one = list.stream().allMatch(a -> list.stream().allMatch(a::agrees));
        return one
                ? list.stream().max(Comparator.comparingInt(Identifier::detail)).orElse(null)
                : null;
    }

    private static List<Identifier> identifiers(Er7Segment segment, int field) {
        int count = segment.repetitions(field);
        if (count > IDENTIFIERS_MAX) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE,
                    segment.name() + "-" + field,
                    "has " + count + " repetitions, the limit is " + IDENTIFIERS_MAX);
        }
        List<Identifier> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String value = Fields.text(segment, field, i, 1, 1);
            if (value != null) {
                list.add(new Identifier(
                        value,
                        Fields.text(segment, field, i, 4, 1),
                        Fields.text(segment, field, i, 4, 2),
                        segment.text(field, i, 5, 1)));
            }
        }
        return list;
    }
}
