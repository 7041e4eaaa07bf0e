package io.bloodnet.imaging.order;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Who an order or a study is about, as far as its source says.
 *
 * @param id the identifier chosen by assigning authority, see the HL7 and FHIR edges
 * @param familyName null when unknown
 * @param givenName null when unknown
 * @param birthDate null when unknown
 * @param sex never null; {@link Sex#UNKNOWN} when the source is silent
 */
public record Patient(
        PatientId id,
        @Nullable String familyName,
        @Nullable String givenName,
        @Nullable LocalDate birthDate,
        Sex sex) {

    /** Administrative sex (HL7 table 0001, DICOM (0010,0040)). */
    public enum Sex {
        /** HL7 and DICOM {@code F}. */
        FEMALE,
        /** HL7 and DICOM {@code M}. */
        MALE,
        /** HL7 and DICOM {@code O}. */
        OTHER,
        /** Not said. */
        UNKNOWN;

        /** Reads HL7's and DICOM's letters; everything else is {@link #UNKNOWN}. */
        public static Sex ofLetter(@Nullable String letter) {
            return switch (letter == null ? "" : letter.strip().toUpperCase(java.util.Locale.ROOT)) {
                case "F" -> FEMALE;
                case "M" -> MALE;
                case "O" -> OTHER;
                default -> UNKNOWN;
            };
        }
    }

    /** A patient known by identifier alone. */
    public static Patient known(PatientId id) {
        return new Patient(id, null, null, null, Sex.UNKNOWN);
    }

    /**
     * Whether what two sources say cannot be of one person: another identifier, another birth date, or another sex where both are
     * sure. Names are not compared: spelling, marriage and transliteration change them.
     */
    public boolean contradicts(Patient other) {
        boolean otherBirth = birthDate != null && other.birthDate != null && !birthDate.equals(other.birthDate);
        boolean sure = (sex == Sex.FEMALE || sex == Sex.MALE) && (other.sex == Sex.FEMALE || other.sex == Sex.MALE);
        return !id.matches(other.id) || otherBirth || sure && sex != other.sex;
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "Patient[...]";
    }
}
