package io.bloodnet.imaging.order;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The request to look at one study.
 *
 * @param key how sources name it; has a Study Instance UID or an accession number, else no image can be found. Its own patient is left out
 * @param patient whom it is about
 * @param patientClass HL7 PV1-2 ({@code E} emergency, {@code I} inpatient, ...) or null
 * @param visitNumber PV1-19 or null
 * @param procedure what was ordered
 * @param priority how urgent, emergency class already taken into account
 * @param expectedInstances number of instances the source promises, null when it does not say
 * @param orderedAt when the order was placed, or received where the source does not say
 * @param production whether results may go to the production EHR (MSH-11 {@code P}); training and debugging orders may not
 * @param ehr the EHR's own references as far as known
 * @param origin the message it came in
 * @param scheduledAt when the examination is planned (OBR-36, TQ1-7, {@code occurrence}); null when not said. Images are not expected before
 */
public record ImagingOrder(
        OrderKey key,
        Patient patient,
        @Nullable String patientClass,
        @Nullable String visitNumber,
        Procedure procedure,
        Priority priority,
        @Nullable Integer expectedInstances,
        Instant orderedAt,
        boolean production,
        EhrReferences ehr,
        Origin origin,
        @Nullable Instant scheduledAt) {

    /** Most instances that a promise may name; a CT study with more is not a head CT. */
    public static final int EXPECTED_INSTANCES_MAX = 50_000;

    /** @throws IllegalArgumentException when no image could be found by the key, or a number is out of range */
    public ImagingOrder {
        key = key.about(null);
        if (key.studyUid() == null && key.accession() == null) {
            throw new IllegalArgumentException(
                    "neither a Study Instance UID nor an accession number: images cannot be found");
        }
        if (expectedInstances != null && (expectedInstances < 1 || expectedInstances > EXPECTED_INSTANCES_MAX)) {
            throw new IllegalArgumentException(
                    "expected instances " + expectedInstances + " not in 1.." + EXPECTED_INSTANCES_MAX);
        }
    }

    /** An order of which nobody says when the examination is planned. */
    public ImagingOrder(
            OrderKey key,
            Patient patient,
            @Nullable String patientClass,
            @Nullable String visitNumber,
            Procedure procedure,
            Priority priority,
            @Nullable Integer expectedInstances,
            Instant orderedAt,
            boolean production,
            EhrReferences ehr,
            Origin origin) {
        this(
                key,
                patient,
                patientClass,
                visitNumber,
                procedure,
                priority,
                expectedInstances,
                orderedAt,
                production,
                ehr,
                origin,
                null);
    }
}
