/** What headers tell of contrast medium, in the languages in which hospitals write them. */
@NullMarked
package io.bloodnet.imaging.contrast;

import org.jspecify.annotations.NullMarked;
