@NullMarked
package io.bloodnet.imaging.codec;

import org.jspecify.annotations.NullMarked;
