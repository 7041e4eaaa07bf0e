@NullMarked
package io.bloodnet.imaging.geometry;

import org.jspecify.annotations.NullMarked;
