/** The mathematics of the log, without a database: lines, Merkle tree, proofs, signed checkpoints, keys. */
@NullMarked
package io.bloodnet.audit.ledger;

import org.jspecify.annotations.NullMarked;
