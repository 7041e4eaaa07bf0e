/** dcm4che behind {@link io.bloodnet.imaging.dicom.DicomToolkit}: no type of its leaves this package. */
@NullMarked
package io.bloodnet.imaging.dcm4che;

import org.jspecify.annotations.NullMarked;
