/** From a finding to an ORU^R01 at the receiver. */
@NullMarked
package io.bloodnet.hl7.resultout;

import org.jspecify.annotations.NullMarked;
