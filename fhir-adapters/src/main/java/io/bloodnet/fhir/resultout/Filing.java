package io.bloodnet.fhir.resultout;

import org.hl7.fhir.r4.model.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Where in the EHR a report belongs.
 *
 * @param patient literal reference, or logical where the site files for unknown patients
 * @param encounter null when none is known
 * @param order literal reference to the ServiceRequest, logical by accession number, or null when the order names none
 * @param study the EHR's own ImagingStudy; null when it has none and one must be created
 */
record Filing(
        Reference patient,
        @Nullable Reference encounter,
        @Nullable Reference order,
        @Nullable Reference study) {}
