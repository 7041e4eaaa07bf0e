/** Images of many slices (Enhanced CT), taken apart so that nobody behind needs to know how a slice was stored. */
@NullMarked
package io.bloodnet.imaging.multiframe;

import org.jspecify.annotations.NullMarked;
