/** The archive over DICOMweb (PS3.18): search, images in, masks out, with sign-in, limits and the quirks of real archives. */
@NullMarked
package io.bloodnet.imaging.dicomweb;

import org.jspecify.annotations.NullMarked;
