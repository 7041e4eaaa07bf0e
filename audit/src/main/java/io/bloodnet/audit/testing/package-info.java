/** What other modules' tests need of the audit log. */
@NullMarked
package io.bloodnet.audit.testing;

import org.jspecify.annotations.NullMarked;
