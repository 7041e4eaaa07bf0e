/** The log in a database: writing it, guarding it, reading it. {@link io.bloodnet.audit.store.Ledger} is the file to read first. */
@NullMarked
package io.bloodnet.audit.store;

import org.jspecify.annotations.NullMarked;
