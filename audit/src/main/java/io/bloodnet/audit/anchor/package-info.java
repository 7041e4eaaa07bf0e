/** Where the log's newest checkpoint is kept outside the database. */
@NullMarked
package io.bloodnet.audit.anchor;

import org.jspecify.annotations.NullMarked;
