package io.bloodnet.imaging.study;

import java.util.List;

/**
 * The instances of one series, by their headers.
 *
 * @param slices in any order; empty when the listing alone rules the series out
 * @param instanceCount as the archive counts, which may be more than it gives headers of
 */
record SeriesHeaders(String seriesUid, List<SliceHeader> slices, int instanceCount) {

    SeriesHeaders {
        slices = List.copyOf(slices);
    }
}
