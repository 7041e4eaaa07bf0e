/** The HL7 v2 edge: its settings, and a person's view of a message. The steps are in mllp, orderin and resultout. */
@NullMarked
package io.bloodnet.hl7;

import org.jspecify.annotations.NullMarked;
