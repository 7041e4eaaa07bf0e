/** What is kept of studies whose images still arrive, so that no image is fetched twice and no window judged twice. */
@NullMarked
package io.bloodnet.imaging.growing;

import org.jspecify.annotations.NullMarked;
