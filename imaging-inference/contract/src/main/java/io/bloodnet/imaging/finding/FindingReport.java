package io.bloodnet.imaging.finding;

import io.bloodnet.imaging.order.ImagingOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that a destination needs to tell a finding: the order, what the images say of themselves, the finding and where the mask is.
 * Immutable; the same report is given again when a delivery is repeated.
 *
 * @param jobId our job
 * @param order the order as last updated
 * @param facts what the images say
 * @param finding what was found
 * @param model the model in use, also where nothing was analyzed
 * @param key what all outgoing identifiers derive from
 * @param kind first, corrected or withdrawn
 * @param mask the SEG, which may still be on its way to the archive: its names derive from the key; null when there is none (negative, not
 *     analyzed)
 * @param keyImagePng the slice with the most blood, brain window with outline, at most 300 kB; null when there is none
 * @param supersedes identifier of the report that this one corrects; null for the first
 * @param issuedAt when the finding was made; the same on each repetition
 */
public record FindingReport(
        String jobId,
        ImagingOrder order,
        StudyFacts facts,
        Finding finding,
        ModelId model,
        ResultKey key,
        Kind kind,
        @Nullable MaskReference mask,
        byte @Nullable [] keyImagePng,
        @Nullable String supersedes,
        Instant issuedAt) {

    /** What this report is to the receiver. */
    public enum Kind {
        /** The first about this study and model. */
        FIRST,
        /** Another model or threshold or input: corrects what was sent. */
        CORRECTED,
        /** The same finding again: the archive does not take the mask, so that the reference to it is taken back. */
        MASK_REFUSED,
        /** The same finding again: the archive has taken the mask after all. */
        MASK_STORED,
        /** What was sent is not true of this patient: entered in error. */
        WITHDRAWN
    }

    /** The same as another report to its receiver: of that kind, with that mask. */
    public FindingReport as(Kind otherKind, @Nullable MaskReference otherMask) {
        return new FindingReport(
                jobId, order, facts, finding, model, key, otherKind, otherMask, keyImagePng, supersedes, issuedAt);
    }

    /** The same without the picture. */
    public FindingReport withoutKeyImage() {
        return new FindingReport(jobId, order, facts, finding, model, key, kind, mask, null, supersedes, issuedAt);
    }

    /** Where the mask is for a reader of this report; null when there is none to be read. */
    public @Nullable MaskReference readableMask() {
        return kind == Kind.MASK_REFUSED ? null : mask;
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "FindingReport[job " + jobId + ", " + kind + "]";
    }
}
