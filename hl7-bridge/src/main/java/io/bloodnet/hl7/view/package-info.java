/** A message as a person reads it, with its parts named, for the command line. */
@NullMarked
package io.bloodnet.hl7.view;

import org.jspecify.annotations.NullMarked;
