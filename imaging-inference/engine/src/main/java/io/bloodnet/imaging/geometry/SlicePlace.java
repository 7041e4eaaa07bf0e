package io.bloodnet.imaging.geometry;

import io.bloodnet.imaging.finding.SliceId;

/**
 * Where one slice of the analyzed series lies.
 *
 * @param slice which one
 * @param rows of its pixels
 * @param columns of its pixels
 * @param plane its place in the patient
 */
public record SlicePlace(SliceId slice, int rows, int columns, Plane plane) {}
