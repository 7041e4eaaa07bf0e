package io.bloodnet.sandbox.pacs;

import io.bloodnet.imaging.dicom.DicomObject;

/**
 * One instance in the archive.
 *
 * @param header without pixel data
 * @param file the Part 10 file exactly as it came
 * @param hasPixels whether there is pixel data in the file
 */
record StoredInstance(
        String studyUid, String seriesUid, String sopUid, DicomObject header, byte[] file, boolean hasPixels) {}
