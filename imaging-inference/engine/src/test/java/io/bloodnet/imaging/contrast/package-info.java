@NullMarked
package io.bloodnet.imaging.contrast;

import org.jspecify.annotations.NullMarked;
