package io.bloodnet.imaging.study;

import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.series.SeriesHeaders;
import java.util.List;

/** Where images are read from: an archive over DICOMweb, or a folder. Owned by the analyzer. Calls block for a bounded time. */
public interface SeriesImages {

    /** How pixels are asked for. A folder gives what it has. */
    enum Encoding {
        /** Explicit VR Little Endian, decompressed by the archive. */
        DECOMPRESSED,
        /** As the archive keeps them. */
        AS_STORED
    }

    /** Takes one Part 10 file; the array is the taker's from now on. Runs in the reading thread, so taking slowly reads slowly. */
    @FunctionalInterface
    interface Sink {
        void take(byte[] part10);
    }

    /**
     * Headers of every series that may be the one, without pixels.
     *
     * @throws StudySourceException when they cannot be had now
     */
    List<SeriesHeaders> headers(StudySource.StudyListing listing);

    /**
     * Reads all instances of a series, in any order, and gives each to the sink while the next is on its way. A series that breaks off
     * ends normally with what came: what is missing is asked for one by one.
     *
     * @throws StudySourceException when nothing could be had
     */
    void readSeries(StudyUid studyUid, String seriesUid, Encoding encoding, Sink sink);

    /**
     * Reads one instance again. One that the source does not have or not give ends normally without a call of the sink.
     *
     * @throws StudySourceException when the source cannot be asked now
     */
    void readInstance(StudyUid studyUid, String seriesUid, String sopInstanceUid, Encoding encoding, Sink sink);
}
