/** A study in a folder of files instead of an archive. */
@NullMarked
package io.bloodnet.imaging.folder;

import org.jspecify.annotations.NullMarked;
