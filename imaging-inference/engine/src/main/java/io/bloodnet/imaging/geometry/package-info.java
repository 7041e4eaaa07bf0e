/** Points, planes and grids in the patient (DICOM PS3.3 C.7.6.2), and the turn that brings each slice to one orientation. */
@NullMarked
package io.bloodnet.imaging.geometry;

import org.jspecify.annotations.NullMarked;
