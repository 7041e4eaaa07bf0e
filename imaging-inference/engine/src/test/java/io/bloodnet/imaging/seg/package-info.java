@NullMarked
package io.bloodnet.imaging.seg;

import org.jspecify.annotations.NullMarked;
