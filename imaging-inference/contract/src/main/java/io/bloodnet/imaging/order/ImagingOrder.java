package io.bloodnet.imaging.order;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    /** An examination that is planned for later than this is a slip of the pen: images are expected then at the latest. */
    private static final Duration PLANNED_AHEAD_MAX = Duration.ofDays(31);

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

    /** When images can be expected at the earliest. */
    public Instant imagesFrom(Instant now) {
        if (scheduledAt == null || scheduledAt.isBefore(now)) {
            return now;
        }
        Instant latest = now.plus(PLANNED_AHEAD_MAX);
        return scheduledAt.isAfter(latest) ? latest : scheduledAt;
    }

    /** This order under another key. */
    public ImagingOrder withKey(OrderKey other) {
        return OrderDraft.changed(this, draft -> draft.key = other);
    }

    /** This order without what its message said of the patient besides: the order has its patient. */
    public ImagingOrder ofItsPatient() {
        return key.patient() == null && key.alsoKnownAs().isEmpty() ? this : withKey(key.about(null, List.of()));
    }

    /** This order of that patient. What the EHR calls another patient is forgotten: it is learned anew. */
    public ImagingOrder withPatient(Patient other, @Nullable String otherClass) {
        return OrderDraft.changed(this, draft -> {
            draft.patient = other;
            draft.patientClass = otherClass == null ? patientClass : otherClass;
            draft.priority = "E".equals(otherClass) ? Priority.STAT : priority;
            if (!other.id().matches(patient.id())) {
                draft.ehr = new EhrReferences(null, ehr.encounter(), ehr.serviceRequest(), ehr.imagingStudy());
            }
        });
    }

    /** This order with what the EHR was found to call its patient; what it says itself stays. */
    public ImagingOrder withEhrPatient(@Nullable String learned) {
        return learned == null || ehr.patient() != null
                ? this
                : OrderDraft.changed(
                        this, draft -> draft.ehr = ehr.orElse(new EhrReferences(learned, null, null, null)));
    }

    /** This order with that promise of instances; null changes nothing. */
    public ImagingOrder withExpected(@Nullable Integer instances) {
        return instances == null ? this : OrderDraft.changed(this, draft -> draft.expected = instances);
    }

    /** This order as urgent as the other, if that is more urgent. */
    public ImagingOrder asUrgentAs(ImagingOrder other) {
        return OrderDraft.changed(this, draft -> draft.priority = priority.moreUrgent(other.priority()));
    }

    /** What is known, completed by what another source says of the same order: gaps are filled, the more urgent priority wins. */
    public ImagingOrder completedBy(ImagingOrder said) {
        return OrderDraft.changed(this, draft -> {
            draft.key = key.completedBy(said.key());
            draft.patientClass = patientClass != null ? patientClass : said.patientClass();
            draft.visitNumber = visitNumber != null ? visitNumber : said.visitNumber();
            draft.procedure = procedure.codings().isEmpty() ? said.procedure() : procedure;
            draft.priority = priority.moreUrgent(said.priority());
            draft.expected = larger(expectedInstances, said.expectedInstances());
            draft.production = production && said.production();
            draft.ehr = ehr.orElse(said.ehr());
            draft.scheduledAt = scheduledAt != null ? scheduledAt : said.scheduledAt();
        });
    }

    private static @Nullable Integer larger(@Nullable Integer a, @Nullable Integer b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Integer.valueOf(Math.max(a, b));
    }
}
