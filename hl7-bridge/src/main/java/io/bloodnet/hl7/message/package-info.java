/** The parts of a message that every reader needs: header, batch, order groups, fields and times. */
@NullMarked
package io.bloodnet.hl7.message;

import org.jspecify.annotations.NullMarked;
