package io.bloodnet.imaging.order;

import org.jspecify.annotations.Nullable;

/**
 * What the EHR calls the things of this order, as relative references ({@code Patient/123}); each null when not known.
 *
 * @param patient {@code Patient/id}
 * @param encounter {@code Encounter/id}
 * @param serviceRequest {@code ServiceRequest/id}
 * @param imagingStudy {@code ImagingStudy/id}
 */
public record EhrReferences(
        @Nullable String patient,
        @Nullable String encounter,
        @Nullable String serviceRequest,
        @Nullable String imagingStudy) {

    /** Nothing is known of the EHR's ids. */
    public static EhrReferences none() {
        return new EhrReferences(null, null, null, null);
    }

    /** These, with gaps filled from {@code other}. */
    public EhrReferences orElse(EhrReferences other) {
        return new EhrReferences(
                patient != null ? patient : other.patient,
                encounter != null ? encounter : other.encounter,
                serviceRequest != null ? serviceRequest : other.serviceRequest,
                imagingStudy != null ? imagingStudy : other.imagingStudy);
    }
}
