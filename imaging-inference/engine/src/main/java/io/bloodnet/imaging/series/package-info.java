/** What the headers of a series say, and the choice of the scans of the head that are analyzed. */
@NullMarked
package io.bloodnet.imaging.series;

import org.jspecify.annotations.NullMarked;
