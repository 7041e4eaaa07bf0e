package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/** Section {@code worklist}: what the worklist's page goes by. {@link #KEYS} says what each key means. */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record WorklistKeys(
        @JsonProperty("flag-target-minutes") Integer flagTargetMinutes,
        @JsonProperty("escalate-minutes") Integer escalateMinutes) {

    private static final int MINUTES_MAX = 1_440;

    private static final Key.Int FLAG_TARGET = new Key.Int(
            "worklist.flag-target-minutes",
            5,
            1,
            MINUTES_MAX,
            "minutes",
            "from the last image until all receivers have the result; the worklist shows what is over");
    private static final Key.Int ESCALATE = new Key.Int(
            "worklist.escalate-minutes",
            10,
            1,
            MINUTES_MAX,
            "minutes",
            "from then on a suspicion that nobody has seen is shown louder");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(FLAG_TARGET, ESCALATE);

    /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
    public WorklistKeys {
        flagTargetMinutes = FLAG_TARGET.or(flagTargetMinutes);
        escalateMinutes = ESCALATE.or(escalateMinutes);
    }

    /** All defaults. */
    public static WorklistKeys usual() {
        return new WorklistKeys(null, null);
    }
}
