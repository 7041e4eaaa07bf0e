package io.bloodnet.server.fhir;

import io.bloodnet.fhir.eventin.PatientsUnderWay;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The patients of the jobs of the last days, as the EHR calls them. Safe for all threads. */
public final class OrderedPatients implements PatientsUnderWay {

    /** A radiologist's final word and its corrections come within days. */
    private static final Duration LATELY = Duration.ofDays(14);
    /** Of more patients than this nobody is told apart. */
    private static final int PATIENTS_MAX = 2_000;

    /** Of more orders than this neither: so many are read each time. */
    private static final int ORDERS_MAX = 5_000;

    private final Database database;
    private final InstantSource clock;

    /** Reads from this database. */
    public OrderedPatients(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    @Override
    public Optional<Set<String>> patients() {
        List<String> orders = database.read(handle -> handle.createQuery(
                        "select case when state = 'CANCELLED' then '' else ehr_patient end from job where updated_at >= :since"
                                + " order by updated_at desc limit :max")
                .bind("since", clock.instant().minus(LATELY).atOffset(ZoneOffset.UTC))
                .bind("max", ORDERS_MAX + 1)
                .mapTo(String.class)
                .list());
        Set<String> found = new HashSet<>(orders);
        found.remove("");
        return orders.size() > ORDERS_MAX || found.size() > PATIENTS_MAX || found.contains(null)
                ? Optional.empty()
                : Optional.of(found);
    }
}
