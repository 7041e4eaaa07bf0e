package io.bloodnet.server.compliance;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.store.AuditEntry;
import io.bloodnet.audit.store.AuditQuery;
import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.fhir.face.AuditTrail;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The audit log for our own FHIR face. Each read is itself recorded before it is answered. Safe for all threads. */
public final class LedgerTrail implements AuditTrail {

    private final AuditSearch search;
    private final AuditLog audit;
    private final InstantSource clock;

    /** Reads by {@code search}, records by {@code audit}. */
    public LedgerTrail(AuditSearch search, AuditLog audit, InstantSource clock) {
        this.search = search;
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public Optional<Entry> read(long seq) {
        recordRead("AuditEvent read");
        return search.entry(seq).map(LedgerTrail::entry);
    }

    @Override
    public List<Entry> find(Query query) {
        recordRead("AuditEvent search");
        int wanted = Math.min(query.offset() + query.limit(), AuditQuery.LIMIT_MAX);
        AuditQuery newest = AuditQuery.newest(Math.max(1, wanted))
                .withPatientId(query.patient())
                .withStudyUid(query.studyUid())
                .withUser(query.user())
                .withOutcome(query.outcome() == null ? null : outcome(query.outcome()))
                .withTime(query.from(), query.to());
        return search.find(newest).stream()
                .skip(query.offset())
                .limit(query.limit())
                .map(LedgerTrail::entry)
                .toList();
    }

    private void recordRead(String what) {
        audit.record(new AuditEvent.AuditRead(clock.instant(), About.nothing(), Outcome.SUCCESS, what, "fhir"));
    }

    private static Entry entry(AuditEntry entry) {
        return new Entry(entry.seq(), entry.parsed().event());
    }

    private static Outcome outcome(int code) {
        return Arrays.stream(Outcome.values())
                .filter(outcome -> outcome.code() == code)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("outcome must be 0, 4, 8 or 12"));
    }
}
