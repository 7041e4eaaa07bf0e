package io.bloodnet.sandbox.cases;

import java.time.LocalDate;

/**
 * One invented patient with one invented head CT and the order for it. Everything derives from a seed, so a case is the same each time.
 *
 * @param id short name for tables, e.g. {@code stat-iph}
 * @param content what the head holds
 * @param route how the order reaches the server
 * @param stat STAT from the emergency department, else routine
 * @param patientId medical record number
 * @param familyName invented
 * @param givenName invented
 * @param birthDate invented
 * @param sex {@code F} or {@code M}
 * @param accession accession number, at most 16 characters
 * @param placer placer order number
 * @param studyUid Study Instance UID
 * @param slices axial slices in the study, 0 for a localizer only
 * @param seed of the images
 */
public record SampleCase(
        String id,
        HeadContent content,
        Route route,
        boolean stat,
        String patientId,
        String familyName,
        String givenName,
        LocalDate birthDate,
        String sex,
        String accession,
        String placer,
        String studyUid,
        int slices,
        long seed) {

    /** How an order reaches the server. */
    public enum Route {
        /** ORM^O01 2.3.1 with ZDS over MLLP. */
        HL7_ORM,
        /** OMI^O23 2.5.1 over MLLP. */
        HL7_OMI,
        /** An R4 rest-hook PUT of the ImagingStudy. */
        FHIR_IMAGING_STUDY
    }

    /** What a reader should expect of the result: {@code bleed}, {@code no bleed} or {@code not analyzed}. */
    public String expected() {
        return switch (content) {
            case INTRAPARENCHYMAL, SUBDURAL, EPIDURAL, INTRAVENTRICULAR, SUBARACHNOID -> "bleed";
            case CLEAN -> "no bleed";
            case LOCALIZER_ONLY -> "not analyzed";
        };
    }

    /** Id of the Patient in the sandbox EHR. */
    public String fhirPatientId() {
        return "pat-" + patientId.toLowerCase(java.util.Locale.ROOT);
    }

    /** Id of the ServiceRequest in the sandbox EHR. */
    public String fhirServiceRequestId() {
        return "order-" + patientId.toLowerCase(java.util.Locale.ROOT);
    }

    /** Id of the ImagingStudy in the sandbox EHR. */
    public String fhirImagingStudyId() {
        return "study-" + patientId.toLowerCase(java.util.Locale.ROOT);
    }

    /** Instances in the study, the localizer included. */
    public int instances() {
        return slices + 1;
    }

    /** A UID of this case for a named purpose ({@code series-2}, {@code instance-2-7}); the same purpose gives the same UID. */
    public String uid(String purpose) {
        return Uids.derive(studyUid, purpose);
    }

    /** Nothing that looks like a patient. */
    @Override
    public String toString() {
        return "SampleCase[" + id + "]";
    }
}
