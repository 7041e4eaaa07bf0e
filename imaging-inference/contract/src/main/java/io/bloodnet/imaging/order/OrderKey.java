package io.bloodnet.imaging.order;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a message says to name one order: at least one of UID and numbers is there. A number alone names nobody: systems count alike, so
 * that who gave a number (HL7 EI.2 to EI.4, FHIR {@code identifier.system}) and whom the message is about belong to it (DESIGN promise
 * 9). What is null was not said, and contradicts nothing.
 *
 * @param studyUid the Study Instance UID, the strongest name
 * @param accession the accession number
 * @param placerNumber ORC-2.1 / OBR-2.1, FHIR {@code PLAC}
 * @param placerNamespace who gave the placer number; null when the message does not say
 * @param fillerNumber ORC-3.1 / OBR-3.1, FHIR {@code FILL}
 * @param fillerNamespace who gave the filler number; null when the message does not say
 * @param patient whom the message is about. In an order's own key always null: the order has its patient
 * @param alsoKnownAs further numbers that the message gives the same patient, such as those of records that were merged
 */
public record OrderKey(
        @Nullable StudyUid studyUid,
        @Nullable AccessionNumber accession,
        @Nullable String placerNumber,
        @Nullable String placerNamespace,
        @Nullable String fillerNumber,
        @Nullable String fillerNamespace,
        @Nullable PatientId patient,
        List<PatientId> alsoKnownAs) {

    /** Longest namespace, in characters. */
    public static final int NAMESPACE_MAX = 200;

    /** @throws IllegalArgumentException when nothing names the order, or a namespace is too long */
    public OrderKey {
        if (studyUid == null && accession == null && placerNumber == null && fillerNumber == null) {
            throw new IllegalArgumentException(
                    "neither Study Instance UID nor accession, placer or filler number names the order");
        }
        placerNamespace = namespace("placer", placerNumber, placerNamespace);
        fillerNamespace = namespace("filler", fillerNumber, fillerNamespace);
        alsoKnownAs = alsoKnownAs == null ? List.of() : List.copyOf(alsoKnownAs);
    }

    /** A key whose message gives its patient one number at most. */
    public OrderKey(
            @Nullable StudyUid studyUid,
            @Nullable AccessionNumber accession,
            @Nullable String placerNumber,
            @Nullable String placerNamespace,
            @Nullable String fillerNumber,
            @Nullable String fillerNamespace,
            @Nullable PatientId patient) {
        this(studyUid, accession, placerNumber, placerNamespace, fillerNumber, fillerNamespace, patient, List.of());
    }

    /** A key whose message says neither who gave the numbers nor whom it is about. */
    public OrderKey(
            @Nullable StudyUid studyUid,
            @Nullable AccessionNumber accession,
            @Nullable String placerNumber,
            @Nullable String fillerNumber) {
        this(studyUid, accession, placerNumber, null, fillerNumber, null, null);
    }

    private static @Nullable String namespace(String field, @Nullable String number, @Nullable String said) {
        return number == null || said == null || said.isBlank()
                ? null
                : Text.required("namespace of the " + field + " number", said, NAMESPACE_MAX);
    }

    /** This key, in a message about that patient; null for a key that stands for itself. */
    public OrderKey about(@Nullable PatientId whom) {
        return about(whom, alsoKnownAs);
    }

    /** This key, in a message about that patient, who has these numbers too. */
    public OrderKey about(@Nullable PatientId whom, List<PatientId> also) {
        return new OrderKey(
                studyUid, accession, placerNumber, placerNamespace, fillerNumber, fillerNamespace, whom, also);
    }

    /** Whether the message can be about that patient: it names nobody, or names them by one of its numbers. */
    public boolean canBeAbout(PatientId whom) {
        return patient == null || numbers().anyMatch(whom::matches);
    }

    /** All numbers that the message gives its patient; none when it names nobody. */
    public Stream<PatientId> numbers() {
        return patient == null ? Stream.empty() : Stream.concat(Stream.of(patient), alsoKnownAs.stream());
    }

    /** This key with the study that it was found to name. */
    public OrderKey withStudy(StudyUid study) {
        return new OrderKey(
                study, accession, placerNumber, placerNamespace, fillerNumber, fillerNamespace, patient, alsoKnownAs);
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "OrderKey[...]";
    }

    /** This key, its gaps filled by another one of the same order. The patient is left out. */
    OrderKey completedBy(OrderKey other) {
        boolean samePlacer = placerNumber == null || placerNumber.equals(other.placerNumber());
        boolean sameFiller = fillerNumber == null || fillerNumber.equals(other.fillerNumber());
        return new OrderKey(
                studyUid != null ? studyUid : other.studyUid(),
                accession != null ? accession : other.accession(),
                placerNumber != null ? placerNumber : other.placerNumber(),
                placerNamespace == null && samePlacer ? other.placerNamespace() : placerNamespace,
                fillerNumber != null ? fillerNumber : other.fillerNumber(),
                fillerNamespace == null && sameFiller ? other.fillerNamespace() : fillerNamespace,
                null);
    }
}
