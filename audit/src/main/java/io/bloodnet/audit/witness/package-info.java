/** Another party that saw the log grow: it runs elsewhere, with its own key and store, and cosigns only what follows from what it saw. */
@NullMarked
package io.bloodnet.audit.witness;

import org.jspecify.annotations.NullMarked;
