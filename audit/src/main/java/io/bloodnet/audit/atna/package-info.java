/** The log as a hospital's audit repository takes it: IHE ATNA messages over syslog with TLS. */
@NullMarked
package io.bloodnet.audit.atna;

import org.jspecify.annotations.NullMarked;
