/** The one HTTP client that talks to the EHR: origin checks, limits, tokens. */
@NullMarked
package io.bloodnet.fhir.ehr;

import org.jspecify.annotations.NullMarked;
