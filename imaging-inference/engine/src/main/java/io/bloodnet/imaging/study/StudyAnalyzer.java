package io.bloodnet.imaging.study;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.StudyUid;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a listed study and lets BloodNet look at it while slices still arrive. Owned by the pipeline. Calls block for a bounded time
 * and may run in several threads; memory is bounded by the implementation.
 */
public interface StudyAnalyzer {

    /**
     * Chooses the series, fetches, decodes and analyzes it.
     *
     * @param listing as {@link StudySource#find} gave it
     * @param urgency who goes first when several wait
     * @throws StudySourceException when the archive breaks off, or NO_TURN when others are before it: try again later
     */
    Analysis analyze(StudySource.StudyListing listing, Urgency urgency);

    /**
     * As above, of a study that may not be all there: what is fetched and judged now is used by the next look, and by {@link #analyze}.
     *
     * @param growing whether it grows: then what is not suspicious may come out as INCOMPLETE, since it will be looked at again
     * @see #forget
     */
    default Analysis look(StudySource.StudyListing listing, Urgency urgency, boolean growing) {
        return analyze(listing, urgency);
    }

    /**
     * Fetches again what a finding was made of, decodes it, and asks no network: archives also replace images under the numbers that they
     * had, which no list of theirs shows. Goes behind every study that waits to be analyzed.
     *
     * @return what {@link Finding.Analyzed#inputDigest()} would be now; empty when that cannot be told, since images are missing or damaged
     * @throws StudySourceException as {@link #analyze(StudySource.StudyListing, Urgency)}
     */
    Optional<String> inputNow(StudySource.StudyListing listing, Finding.Analyzed finding);

    /** The study has ended, or is looked at no more: nothing is kept of it. */
    default void forget(StudyUid study) {}

    /** {@link #analyze(StudySource.StudyListing, Urgency)} where nobody else waits. */
    default Analysis analyze(StudySource.StudyListing listing) {
        return analyze(listing, Urgency.NONE);
    }

    /**
     * Who goes first: the higher level, then the longer wait.
     *
     * @param level any number; higher is more urgent
     * @param since when it began to wait
     */
    record Urgency(int level, Instant since) {

        /** No more urgent than anything else. */
        public static final Urgency NONE = new Urgency(0, Instant.EPOCH);

        /** Less urgent than any study that somebody waits for. */
        public static final Urgency LAST = new Urgency(Integer.MIN_VALUE, Instant.EPOCH);
    }

    /**
     * What came out.
     *
     * @param finding analyzed, or not with a reason
     * @param facts what the images say of themselves
     * @param instances SOP instances fetched
     * @param bytes bytes fetched
     * @param mask what the SEG is written from; null unless the mask has a voxel
     * @param keyImagePng see {@code FindingReport}; null when nothing was analyzed
     * @param firm whether a slice of the brain is suspicious whose neighbours were all there, in an original series with a soft kernel:
     *     images that are still to come add to that and do not take it back
     */
    record Analysis(
            Finding finding,
            StudyFacts facts,
            int instances,
            long bytes,
            @Nullable MaskDraft mask,
            byte @Nullable [] keyImagePng,
            boolean firm) {

        /** What is no suspicion. */
        public Analysis(Finding finding, StudyFacts facts, int instances, long bytes) {
            this(finding, facts, instances, bytes, null, null, false);
        }
    }

    /** A mask with all it needs to become a SEG under identifiers that the pipeline derives. */
    interface MaskDraft {
        /**
         * The SEG as a Part 10 file; the same arguments give the same bytes.
         *
         * @param sopInstanceUid UID of the SEG
         * @param seriesUid UID of its series
         * @param at content date and time
         */
        byte[] toSeg(String sopInstanceUid, String seriesUid, Instant at);
    }
}
