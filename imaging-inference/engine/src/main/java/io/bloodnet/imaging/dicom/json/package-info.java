/** Data sets as DICOM JSON and Native DICOM XML (PS3.18 annex F, PS3.19 annex A). */
@NullMarked
package io.bloodnet.imaging.dicom.json;

import org.jspecify.annotations.NullMarked;
