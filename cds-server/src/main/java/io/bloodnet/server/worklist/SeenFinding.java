package io.bloodnet.server.worklist;

import org.jspecify.annotations.Nullable;

/** Names what a person saw: another result, score or model is another finding, which nobody has seen. */
public final class SeenFinding {

    private SeenFinding() {}

    /** @param result as the job's row has it; null before there is one @param probability null when nothing was analyzed */
    public static String of(@Nullable String result, @Nullable Double probability, @Nullable String modelVersion) {
        return result + "|" + probability + "|" + modelVersion;
    }
}
