/** Compressed frames to pixels (PS3.5 annex A), and the toolkit that puts reader, writer and decoder together. */
@NullMarked
package io.bloodnet.imaging.codec;

import org.jspecify.annotations.NullMarked;
