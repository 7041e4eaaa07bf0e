/** Our own FHIR face: reads and searches of what we made. */
@NullMarked
package io.bloodnet.fhir.face;

import org.jspecify.annotations.NullMarked;
