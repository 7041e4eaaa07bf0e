/** How fast the log is, beside what the disk and the database allow in the same run. */
@NullMarked
package io.bloodnet.audit.bench;

import org.jspecify.annotations.NullMarked;
