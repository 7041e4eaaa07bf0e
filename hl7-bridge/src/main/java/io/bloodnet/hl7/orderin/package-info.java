/** From a message to order events, and back to its acknowledgement. */
@NullMarked
package io.bloodnet.hl7.orderin;

import org.jspecify.annotations.NullMarked;
