/** Benches: each prints figures as ratios beside a limit or a peer that ran in the same process and minute. */
@NullMarked
package io.bloodnet.bench;

import org.jspecify.annotations.NullMarked;
