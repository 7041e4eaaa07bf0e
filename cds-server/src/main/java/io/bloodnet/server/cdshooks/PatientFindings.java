package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import java.util.List;

/** What we found on a patient's studies. Implemented over our own database, so that a call needs no round trip to anybody. */
public interface PatientFindings {

    /**
     * The current finding of each study of the patient, newest first, at most {@link #FINDINGS_MAX}; empty when we know none. MUST NOT
     * return a withdrawn finding, nor one whose patient is in doubt. Runs in the call's thread, which is interrupted when the caller's
     * time is over.
     */
    List<PatientFinding> forPatient(EhrPatient patient);

    /** A patient with more recent head CTs than this sees cards for the newest. */
    int FINDINGS_MAX = 20;
}
