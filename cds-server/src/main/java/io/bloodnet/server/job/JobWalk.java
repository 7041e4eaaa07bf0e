package io.bloodnet.server.job;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the jobs of one state again and again at the same cost, however many there are: each look reads a page of those that changed last,
 * and one page of the rest, from where the look before ended. Where there are no more than a page, each look sees all. For one thread at a
 * time.
 */
public final class JobWalk {

    private final JobState state;
    private final int page;
    private @Nullable Seen end;

    /** @param page jobs that are read at a time */
    public JobWalk(JobState state, int page) {
        this.state = state;
        this.page = page;
    }

    private record Seen(String id, Instant changedAt) {}

    /** The ids of what this look sees: at most two pages. */
    public Set<String> look(Handle handle) {
        List<Seen> newest = read(handle, null);
        Set<String> ids = new LinkedHashSet<>();
        newest.forEach(seen -> ids.add(seen.id()));
        if (newest.size() < page) {
            end = null;
            return ids;
        }
        List<Seen> rest = read(handle, end == null ? newest.getLast() : end);
        rest.forEach(seen -> ids.add(seen.id()));
        end = rest.size() < page ? null : rest.getLast();
        return ids;
    }

    private List<Seen> read(Handle handle, @Nullable Seen from) {
        String behind = from == null ? "" : " and updated_at <= :at and (updated_at < :at or id > :id)";
        var query = handle.createQuery("select id, updated_at from job where state = :state" + behind
                        + " order by state, updated_at desc, id limit :max")
                .bind("state", state.name())
                .bind("max", page);
        if (from != null) {
            query.bind("at", JobStore.utc(from.changedAt())).bind("id", from.id());
        }
        return query.map((row, context) ->
                        new Seen(row.getString("id"), Objects.requireNonNull(JobStore.instant(row, "updated_at"))))
                .list();
    }
}
