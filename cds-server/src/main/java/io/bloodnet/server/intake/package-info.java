/** Messages become rows and jobs in one transaction, before they are acknowledged. */
@NullMarked
package io.bloodnet.server.intake;

import org.jspecify.annotations.NullMarked;
