package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Section {@code worklist} of the configuration.
 *
 * @param flagTargetMinutes within which after the last image a suspicion should be flagged, 1 to 1440
 * @param escalateMinutes after which a suspicion that nobody has seen is shown louder, 1 to 1440
 */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record WorklistKeys(
        @JsonProperty("flag-target-minutes") Integer flagTargetMinutes,
        @JsonProperty("escalate-minutes") Integer escalateMinutes) {

    private static final int MINUTES_MAX = 1_440;

    /** @throws ServerConfig.ConfigException naming the key that is out of its range */
    public WorklistKeys {
        flagTargetMinutes = flagTargetMinutes == null ? 5 : flagTargetMinutes;
        escalateMinutes = escalateMinutes == null ? 10 : escalateMinutes;
        check("worklist.flag-target-minutes", flagTargetMinutes);
        check("worklist.escalate-minutes", escalateMinutes);
    }

    /** All defaults. */
    public static WorklistKeys defaults() {
        return new WorklistKeys(null, null);
    }

    private static void check(String key, int minutes) {
        if (minutes < 1 || minutes > MINUTES_MAX) {
            throw new ServerConfig.ConfigException(key + " " + minutes + " is not in 1.." + MINUTES_MAX);
        }
    }
}
