/** Checking the log and letting others check it: verification, export, proofs. Needs the public keys, never the private one. */
@NullMarked
package io.bloodnet.audit.verify;

import org.jspecify.annotations.NullMarked;
