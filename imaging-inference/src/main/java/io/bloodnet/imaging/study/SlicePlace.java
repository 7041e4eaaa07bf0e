package io.bloodnet.imaging.study;

/**
 * Where one slice of the analyzed series lies.
 *
 * @param sopInstanceUid of the slice
 * @param rows of its pixels
 * @param columns of its pixels
 * @param plane its place in the patient
 */
public record SlicePlace(String sopInstanceUid, int rows, int columns, Plane plane) {}
