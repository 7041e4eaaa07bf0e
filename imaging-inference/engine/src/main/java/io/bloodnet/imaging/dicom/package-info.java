/**
 * Part 10 files, DICOM JSON and frames behind a narrow interface: nothing outside this package knows how bytes become a data set, so a
 * DICOM toolkit can take its place. Every length in the input is checked against a named limit before anything is allocated, and bad
 * input ends as a {@link io.bloodnet.imaging.dicom.DicomException} that names the tag and the limit, never a value.
 */
@NullMarked
package io.bloodnet.imaging.dicom;

import org.jspecify.annotations.NullMarked;
