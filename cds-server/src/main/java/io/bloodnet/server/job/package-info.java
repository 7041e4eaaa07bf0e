/** An order on its way: its row, its states, its names, and the one place that changes them. */
@NullMarked
package io.bloodnet.server.job;

import org.jspecify.annotations.NullMarked;
