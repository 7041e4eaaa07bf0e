/** The FHIR edge (R4): events in, results out, audit out. HAPI's types stop in here. */
@NullMarked
package io.bloodnet.fhir;

import org.jspecify.annotations.NullMarked;
