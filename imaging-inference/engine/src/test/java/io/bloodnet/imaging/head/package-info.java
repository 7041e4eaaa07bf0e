@NullMarked
package io.bloodnet.imaging.head;

import org.jspecify.annotations.NullMarked;
