/** HL7 v2 in its text form (ER7): reading with limits, writing with escapes. Never XML. */
@NullMarked
package io.bloodnet.hl7.er7;

import org.jspecify.annotations.NullMarked;
