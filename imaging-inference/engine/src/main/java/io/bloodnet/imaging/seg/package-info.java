/** The mask as a DICOM Segmentation (PS3.3 A.51). */
@NullMarked
package io.bloodnet.imaging.seg;

import org.jspecify.annotations.NullMarked;
