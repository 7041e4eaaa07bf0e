package io.bloodnet.imaging.study;

import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.order.StudyUid;

/** Where the SEG goes. Owned by the pipeline; implemented by STOW-RS. */
public interface MaskStore {

    /**
     * Stores one SEG. Idempotent by its SOP Instance UID. Delivered means: the archive lists this very UID as stored, whatever its status
     * code. Never throws for what the archive does.
     */
    Destination.Outcome store(StudyUid studyUid, String sopInstanceUid, byte[] seg);

    /** The WADO-RS URL under which the archive gives the instance back. */
    String url(StudyUid studyUid, String seriesUid, String sopInstanceUid);
}
