package io.bloodnet.fhir.face;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps what we wrote into the EHR, so that our own FHIR face can show it. Implemented by the server over its database. Thread-safe. */
public interface MadeResources {

    /** Keeps these; one that is there already (same type and id) is replaced. Called once per delivery that the EHR took. */
    void keep(List<MadeResource> resources);

    /** One resource by type and id. */
    Optional<MadeResource> read(String type, String id);

    /** Those that match every criterion given, newest first, at most {@code query.limit()} from {@code query.offset()} on. */
    List<MadeResource> find(Query query);

    /**
     * A search. Criteria that are null or empty do not restrict.
     *
     * @param type resource type
     * @param ids any of these ids
     * @param identifier {@code system|value}, or a value alone
     * @param patient reference ({@code Patient/123}) or identifier value
     * @param limit 1 to 200
     * @param offset 0 or more
     */
    record Query(
            String type,
            List<String> ids,
            @Nullable String identifier,
            @Nullable String patient,
            int limit,
            int offset) {}
}
