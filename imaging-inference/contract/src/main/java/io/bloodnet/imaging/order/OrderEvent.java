package io.bloodnet.imaging.order;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that a message says about an order or a patient. A message may say several. */
public sealed interface OrderEvent {

    /** Longest reason text kept, in characters. */
    int REASON_MAX = 200;

    /** A new order, or one announced again (NW, SN, ImagingStudy event). {@code hold}: why a person must decide first, null to go on. */
    record Placed(ImagingOrder order, @Nullable String hold) implements OrderEvent {}

    /** An order that was placed before changes (XO). */
    record Updated(ImagingOrder order) implements OrderEvent {}

    /** The order is not wanted any more (CA, OC, DC, OD). */
    record Cancelled(OrderKey key, String reason) implements OrderEvent {}

    /** The RIS holds the order (HD). */
    record Held(OrderKey key, String reason) implements OrderEvent {}

    /** The RIS lets it go on (RL). */
    record Released(OrderKey key) implements OrderEvent {}

    /** All images are there (SC with ORC-5 CM). {@code instances} null when no count was given. */
    record ImagesComplete(OrderKey key, @Nullable Integer instances) implements OrderEvent {}

    /** One order takes the place of another (RP, RU, RO). {@code hold}: why a person must decide on the new one first, null to go on. */
    record Replaced(
            OrderKey old,
            ImagingOrder replacement,
            @Nullable String hold) implements OrderEvent {}

    /** Two patient records are one (ADT A40): what was filed under {@code prior} belongs to {@code surviving}. */
    record PatientMerged(PatientId prior, Patient surviving) implements OrderEvent {}

    /** Demographics changed (ADT A08), or the patient's class (A01, A03, A11); {@code patientClass} null when not said. */
    record PatientUpdated(Patient patient, @Nullable String patientClass) implements OrderEvent {}

    /**
     * A human's report was filed (ORU^R01, DiagnosticReport). {@code status} is HL7 table 0123 or 0085's letter (F final, P preliminary,
     * C corrected; W, D and X: what it said is taken back). {@code saysHemorrhage}: what it says of hemorrhage where that is coded, null when
     * it is not. {@code report}: what its sender calls it, such as {@code DiagnosticReport/7}; null when one of several cannot be told.
     */
    record HumanReport(
            OrderKey key,
            String status,
            Instant at,
            @Nullable Boolean saysHemorrhage,
            @Nullable String report) implements OrderEvent {

        /** A report without a name of its own. */
        public HumanReport(OrderKey key, String status, Instant at, @Nullable Boolean saysHemorrhage) {
            this(key, status, at, saysHemorrhage, null);
        }
    }

    /** A valid message that is not for us; recorded, nothing is analyzed. */
    record NotForUs(String reason) implements OrderEvent {}

    /** What became of each event, in order. The reply may depend on it. */
    sealed interface Outcome {
        /** A new job. */
        record Created(String jobId) implements Outcome {}

        /** An existing job was changed, or the event was already known. */
        record Applied(String jobId) implements Outcome {}

        /** The event came too late or does not fit the job's state ("unable to cancel"); nothing was changed. */
        record Unable(String jobId, String reason) implements Outcome {}

        /** No job is known by this key; recorded only. */
        record Unknown() implements Outcome {}

        /** Recorded, nothing to do. */
        record Ignored(String reason) implements Outcome {}
    }

    /** Writes the reply that is stored with the message, from what became of its events. Must be pure: it may run again. */
    interface Reply {
        /** The reply's exact text; empty for none. */
        String write(List<Outcome> outcomes);
    }
}
