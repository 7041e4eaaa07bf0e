@NullMarked
package io.bloodnet.imaging.evaluate;

import org.jspecify.annotations.NullMarked;
