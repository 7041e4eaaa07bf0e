package io.bloodnet.imaging.series;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one series, by their headers.
 *
 * @param slices in any order; empty when the listing alone rules the series out
 * @param instanceCount as the archive counts, which may be more than it gives headers of
 * @param refusal why the source gives no headers of it; null when it does
 */
public record SeriesHeaders(
        String seriesUid,
        List<SliceHeader> slices,
        int instanceCount,
        @Nullable SeriesRefusal refusal) {

    public SeriesHeaders {
        slices = List.copyOf(slices);
    }

    /** Instances that gave headers: a multi-frame image is one, however many slices it holds. */
    public int instancesRead() {
        return (int) slices.stream().map(SliceHeader::sopInstanceUid).distinct().count();
    }

    SeriesHeaders(String seriesUid, List<SliceHeader> slices, int instanceCount) {
        this(seriesUid, slices, instanceCount, null);
    }
}
