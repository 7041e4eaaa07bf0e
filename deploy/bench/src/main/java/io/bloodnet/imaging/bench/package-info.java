/** Measurements of this module, each as a ratio beside a limit or a peer that is measured in the same run. */
@NullMarked
package io.bloodnet.imaging.bench;

import org.jspecify.annotations.NullMarked;
