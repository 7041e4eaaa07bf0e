@NullMarked
package io.bloodnet.imaging.dicom.json;

import org.jspecify.annotations.NullMarked;
