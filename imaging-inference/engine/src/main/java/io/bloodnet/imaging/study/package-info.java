@NullMarked
package io.bloodnet.imaging.study;

import org.jspecify.annotations.NullMarked;
