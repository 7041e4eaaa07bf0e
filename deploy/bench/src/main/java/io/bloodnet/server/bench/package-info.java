/** Measurements, always beside a peer or a limit in one run. */
@NullMarked
package io.bloodnet.server.bench;

import org.jspecify.annotations.NullMarked;
