package io.bloodnet.server.retention;

import io.bloodnet.server.job.JobState;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Which orders nothing may be taken from: those on their way, and those that a person must decide on (held, failed). */
final class OpenOrders {

    /** The states of orders that have ended. A failed one waits for a person. */
    static final List<JobState> ENDED_STATES = Arrays.stream(JobState.values())
            .filter(state -> state.isTerminal() && state != JobState.FAILED)
            .toList();

    /** ... as a list in SQL. */
    static final String ENDED =
            ENDED_STATES.stream().map(state -> "'" + state + "'").collect(Collectors.joining(", "));

    private OpenOrders() {}

    /** A condition: there is an open order of this id. @param jobId a column's name, which may hold null */
    static String exists(String jobId) {
        return "exists (select 1 from job open_job where open_job.id = " + jobId + " and open_job.state not in ("
                + ENDED + "))";
    }
}
