@NullMarked
package io.bloodnet.imaging.series;

import org.jspecify.annotations.NullMarked;
