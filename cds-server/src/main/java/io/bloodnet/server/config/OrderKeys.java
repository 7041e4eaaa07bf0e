package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.server.job.PipelineLimits;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Section {@code orders}: which orders are for us and how long they wait. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record OrderKeys(
        @JsonProperty("head-ct-codes") List<String> headCtCodes,
        @JsonProperty("quiet-seconds") Integer quietSeconds,
        @JsonProperty("overdue-minutes") Integer overdueMinutes,
        @JsonProperty("give-up-hours") Integer giveUpHours,
        @JsonProperty("images-without-patient") String imagesWithoutPatient) {

    private static final Key.Int QUIET = new Key.Int(
            "orders.quiet-seconds",
            10,
            1,
            3_600,
            "seconds",
            "a study is complete when its count stands still that long, where nobody says how many images there are");
    private static final Key.Int OVERDUE = new Key.Int(
            "orders.overdue-minutes", 60, 1, 10_080, "minutes", "from then on missing images are shown as overdue");
    private static final Key.Int GIVE_UP = new Key.Int(
            "orders.give-up-hours",
            24,
            1,
            720,
            "hours",
            "from then on an order ends `NOT_ANALYZED`, a delivery `FAILED`; counted from when images could be expected: accepted, planned,"
                    + " first image, or asked for anew");
    private static final Key.Choice WITHOUT_PATIENT = new Key.Choice(
            "orders.images-without-patient",
            List.of("hold", "file"),
            "`hold` for a person, or `file` with the flag NO_PATIENT_ID: studies of which neither archive nor images name a patient");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            new Key.Other(
                    "orders.head-ct-codes",
                    "none",
                    "list",
                    "procedure codes that are for us, beside LOINC 30799-1 and CTHEADWO"),
            QUIET,
            OVERDUE,
            GIVE_UP,
            WITHOUT_PATIENT);

    /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
    public OrderKeys {
        headCtCodes = headCtCodes == null ? List.of() : List.copyOf(headCtCodes);
        quietSeconds = QUIET.or(quietSeconds);
        overdueMinutes = OVERDUE.or(overdueMinutes);
        giveUpHours = GIVE_UP.or(giveUpHours);
        imagesWithoutPatient = WITHOUT_PATIENT.or(imagesWithoutPatient);
    }

    static OrderKeys usual() {
        return new OrderKeys(null, null, null, null, null);
    }

    /** The site's own procedure codes, and ours. */
    Set<String> localCodes() {
        Set<String> codes = new HashSet<>(headCtCodes);
        codes.add("CTHEADWO");
        return codes;
    }

    /** What the pipeline needs. */
    public PipelineLimits limits() {
        return PipelineLimits.of(
                        Duration.ofSeconds(quietSeconds),
                        Duration.ofMinutes(overdueMinutes),
                        Duration.ofHours(giveUpHours))
                .holdingUnnamed(imagesWithoutPatient.equals("hold"));
    }
}
