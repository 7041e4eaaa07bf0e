@NullMarked
package io.bloodnet.imaging;

import org.jspecify.annotations.NullMarked;
