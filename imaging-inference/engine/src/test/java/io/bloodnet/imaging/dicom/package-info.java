@NullMarked
package io.bloodnet.imaging.dicom;

import org.jspecify.annotations.NullMarked;
