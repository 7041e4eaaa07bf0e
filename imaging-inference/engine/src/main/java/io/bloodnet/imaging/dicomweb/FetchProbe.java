package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.head.HeadVolume;
import io.bloodnet.imaging.series.HeadGeometry;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.series.SeriesSelection.Selection;
import io.bloodnet.imaging.study.SeriesReading;
import io.bloodnet.imaging.study.StudySource;

/** Fetching and decoding alone, without a network: for benchmarks and for looking whether an archive gives what is needed. */
public final class FetchProbe {

    private FetchProbe() {}

    /**
     * What came.
     *
     * @param slices source slices of the chosen series that were decoded to HU
     * @param bytes bytes of their files
     */
    public record Fetched(int slices, long bytes) {}

    /**
     * Chooses the series, fetches all of it and turns it into HU, as an analysis does.
     *
     * @throws IllegalStateException when no series can be chosen or the chosen one is not complete
     */
    public static Fetched fetch(DicomWebClient archive, StudySource.StudyListing listing, DicomLimits limits) {
        Selection selection = SeriesSelection.select(archive.images().headers(listing));
        if (selection.candidates().isEmpty()) {
            throw new IllegalStateException(selection.detail());
        }
        HeadGeometry geometry = selection.candidates().getFirst().geometry();
        HeadVolume volume = new HeadVolume(geometry);
        SeriesReading reading = new SeriesReading(archive.images(), listing, volume, limits, _ -> {});
        reading.read().ifPresent(reason -> {
            throw new IllegalStateException(reason.sentence());
        });
        return new Fetched(geometry.sources().size(), reading.bytes());
    }
}
