@NullMarked
package io.bloodnet.imaging.bloodnet;

import org.jspecify.annotations.NullMarked;
