/** A finding as FHIR resources, and their way into the EHR. */
@NullMarked
package io.bloodnet.fhir.resultout;

import org.jspecify.annotations.NullMarked;
