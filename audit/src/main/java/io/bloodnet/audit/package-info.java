/** The tamper-evident log: what happened, written so that nobody can change it unseen. */
@NullMarked
package io.bloodnet.audit;

import org.jspecify.annotations.NullMarked;
