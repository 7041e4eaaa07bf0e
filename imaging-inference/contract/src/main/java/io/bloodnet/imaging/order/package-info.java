@NullMarked
package io.bloodnet.imaging.order;

import org.jspecify.annotations.NullMarked;
