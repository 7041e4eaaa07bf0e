package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Er7Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One code of a coded element (CE, CWE; HL7 v2.5.1 2.A.13) with the system it is from. The same letters mean different things in different
 * systems, so that a code of an unknown system is no code.
 *
 * @param code never blank
 * @param system what the code is from
 */
public record Coding(String code, System system) {

    /** Coding systems that we understand. */
    public enum System {
        /** SNOMED CT. */
        SNOMED_CT,
        /** ICD-10 and its national modifications for diagnoses. */
        ICD10,
        /** LOINC. */
        LOINC,
        /** HL7 table 0136, yes and no. */
        YES_NO,
        /** HL7 table 0078, ObservationInterpretation of HL7 v3. */
        INTERPRETATION,
        /** Anything else, local codes too. */
        UNKNOWN;

        /** By its name in HL7 table 0396, the names that senders use for it, its OID or its URI. */
        static System named(String name) {
            String plain = name.toUpperCase(Locale.ROOT).replaceFirst("^URN:OID:", "");
            return switch (plain) {
                case "SCT", "SCT2", "SNOMEDCT", "SNOMED-CT", "SNOMED CT", "2.16.840.1.113883.6.96" -> SNOMED_CT;
                case "HTTP://SNOMED.INFO/SCT" -> SNOMED_CT;
                case "I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM", "ICD10GM", "ICD-10-GM", "ICD10AM" ->
                    ICD10;
                case "2.16.840.1.113883.6.3", "2.16.840.1.113883.6.90", "1.2.276.0.76.5.409" -> ICD10;
                case "HTTP://HL7.ORG/FHIR/SID/ICD-10", "HTTP://HL7.ORG/FHIR/SID/ICD-10-CM" -> ICD10;
                case "LN", "LOINC", "2.16.840.1.113883.6.1", "HTTP://LOINC.ORG" -> LOINC;
                case "HL70136", "0136", "2.16.840.1.113883.12.136" -> YES_NO;
                case "HL70078", "OBSERVATIONINTERPRETATION", "2.16.840.1.113883.5.83" -> INTERPRETATION;
                default -> UNKNOWN;
            };
        }
    }

    /** Where a code stands, its text and its system behind it: twice in an element, three times from 2.7 on. */
    private static final int[] CODES = {1, 4, 10};

    /** All codes of one repetition of a field, also those of unknown systems. */
    public static List<Coding> of(Er7Segment segment, int field, int repetition) {
        List<Coding> found = new ArrayList<>();
        for (int code : CODES) {
            String text = segment.text(field, repetition, code, 1);
            if (!text.isEmpty()) {
                found.add(new Coding(text, System.named(segment.text(field, repetition, code + 2, 1))));
            }
        }
        return found;
    }

    public boolean is(System from, String value) {
        return system == from && code.equals(value);
    }
}
