/** Measures links beside limits and peers in one run. */
@NullMarked
package io.bloodnet.hl7.bench;

import org.jspecify.annotations.NullMarked;
