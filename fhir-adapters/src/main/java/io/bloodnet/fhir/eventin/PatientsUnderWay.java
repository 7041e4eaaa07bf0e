package io.bloodnet.fhir.eventin;

import java.util.Optional;
import java.util.Set;

/** Whose orders are under way or were reported lately: nobody else's reports are asked for. Safe for all threads. */
public interface PatientsUnderWay {

    /**
     * References of these patients in the EHR ({@code Patient/1}), none when there are no such orders; empty while the EHR's name of some of
     * them is not known yet, so that they cannot be told from others.
     */
    Optional<Set<String>> patients();
}
