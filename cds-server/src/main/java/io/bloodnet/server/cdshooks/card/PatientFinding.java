package io.bloodnet.server.cdshooks.card;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One study's finding, as far as a card needs it.
 *
 * @param jobId our job
 * @param result what was found
 * @param modelId the model bundle's id
 * @param modelVersion the model bundle's version
 * @param acquiredAt when the images were made; null when the headers do not say
 * @param reportedAt when we reported it
 * @param humanRead a person's final report on the same study; null while there is none
 * @param production whether the order was a production order (HL7 MSH-11 {@code P}); others never show a card
 * @param openAgainAt when a person's final report was taken back, so that the finding is open again; null when none was
 */
public record PatientFinding(
        String jobId,
        Result result,
        String modelId,
        String modelVersion,
        @Nullable Instant acquiredAt,
        Instant reportedAt,
        @Nullable HumanRead humanRead,
        boolean production,
        @Nullable Instant openAgainAt) {

    /** One of which no report was taken back. */
    public PatientFinding(
            String jobId,
            Result result,
            String modelId,
            String modelVersion,
            @Nullable Instant acquiredAt,
            Instant reportedAt,
            @Nullable HumanRead humanRead,
            boolean production) {
        this(jobId, result, modelId, modelVersion, acquiredAt, reportedAt, humanRead, production, null);
    }

    /** What was found. */
    public sealed interface Result {}

    /**
     * The operating point was reached.
     *
     * @param probability 0..1
     * @param threshold the operating point, 0..1
     * @param bloodVolumeMl mL
     */
    public record Positive(double probability, double threshold, double bloodVolumeMl) implements Result {}

    /** The operating point was not reached. */
    public record Negative() implements Result {}

    /**
     * No statement is possible.
     *
     * @param reason half a sentence for a person, without patient data
     */
    public record NotAnalyzed(String reason) implements Result {}

    /**
     * A person's final report.
     *
     * @param at when it was final
     * @param saysHemorrhage what it says; null when we cannot tell
     */
    public record HumanRead(Instant at, @Nullable Boolean saysHemorrhage) {}

    /** When the images were made, or else when they were reported. */
    public Instant studyTime() {
        return acquiredAt != null ? acquiredAt : reportedAt;
    }

    /** From when on people have had to look at it: the study's time, or when the report that they trusted was taken back. */
    public Instant openSince() {
        return openAgainAt != null && openAgainAt.isAfter(studyTime()) ? openAgainAt : studyTime();
    }

    /** Whether a person's final report denies a hemorrhage. */
    public boolean humanDenies() {
        return humanRead != null && Boolean.FALSE.equals(humanRead.saysHemorrhage());
    }

    /** Whether a person's final report confirms a hemorrhage. */
    public boolean humanConfirms() {
        return humanRead != null && Boolean.TRUE.equals(humanRead.saysHemorrhage());
    }
}
