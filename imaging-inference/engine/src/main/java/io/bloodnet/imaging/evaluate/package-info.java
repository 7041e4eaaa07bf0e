/** Measures the network over labelled studies on the way that patients' studies go, so that a site can choose its threshold. */
@NullMarked
package io.bloodnet.imaging.evaluate;

import org.jspecify.annotations.NullMarked;
