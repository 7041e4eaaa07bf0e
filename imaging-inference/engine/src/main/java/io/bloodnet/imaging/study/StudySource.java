package io.bloodnet.imaging.study;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The archive that holds the images. Owned by the pipeline; implemented over DICOMweb. Calls block for a bounded time. */
public interface StudySource {

    /**
     * Looks a study up by UID, else by accession number and patient. Each answer is verified against what was asked: servers ignore
     * parameters that they do not know.
     *
     * @throws StudySourceException when the archive cannot be asked now: try again later
     */
    StudyLookup find(@Nullable StudyUid studyUid, @Nullable AccessionNumber accession, PatientId patient);

    /**
     * Which of some studies the archive has, in one question. A hint: it may have more of them than it says.
     *
     * @throws StudySourceException when the archive cannot be asked now
     */
    default Set<StudyUid> present(List<StudyUid> asked) {
        return Set.of();
    }

    /**
     * The accession numbers of the CT studies of some days, in one question page by page. A hint: it may have others, and more of them.
     *
     * @param from first day, as the scanners' clocks tell it
     * @param to last day
     * @throws StudySourceException when the archive cannot be asked now
     */
    default Set<String> accessions(LocalDate from, LocalDate to) {
        return Set.of();
    }

    /**
     * The SOP Instance UIDs of one series: tells whether images were replaced by as many others.
     *
     * @return empty when the archive does not list them
     * @throws StudySourceException when the archive cannot be asked now: try again later
     */
    Set<String> instances(StudyUid studyUid, String seriesUid);

    /** Whether the archive answers; used by readiness. Never throws. */
    boolean reachable();

    /** What the archive knows of a study. */
    sealed interface StudyLookup {
        /** Nothing (yet). */
        record NotFound() implements StudyLookup {}

        /** Several studies answer to the key: a person decides. */
        record Ambiguous(int count) implements StudyLookup {}

        /** Exactly one. */
        record Found(StudyListing listing) implements StudyLookup {}
    }

    /**
     * A study as the archive lists it.
     *
     * @param patient as indexed by the archive; null when it names none
     * @param accession as indexed; null when absent
     * @param instanceCount instances over all series, 0 when the archive does not count
     */
    record StudyListing(
            StudyUid studyUid,
            @Nullable Patient patient,
            @Nullable AccessionNumber accession,
            List<SeriesListing> series,
            int instanceCount) {}

    /** A series as the archive lists it; {@code modality} and {@code description} null when absent. */
    record SeriesListing(
            String seriesUid,
            @Nullable String modality,
            @Nullable String description,
            int instanceCount) {}
}
