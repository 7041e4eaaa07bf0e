@NullMarked
package io.bloodnet.imaging.finding;

import org.jspecify.annotations.NullMarked;
