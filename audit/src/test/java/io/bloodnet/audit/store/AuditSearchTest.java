package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.store.TestDatabase.Kind;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AuditSearchTest {

    @TempDir
    private Path dir;

    @ParameterizedTest
    @EnumSource(Kind.class)
    void finds_by_everything_that_people_ask_for(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        AuditEvent odd = new AuditEvent.AccessRefused(
                Events.AT.plusSeconds(1000),
                About.user("=HYPERLINK(1)"),
                Outcome.SERIOUS_FAILURE,
                "cds",
                "a \"quoted\" reason");
        try (Ledger ledger =
                Ledger.open(database, LedgerSettings.of("n", dir.resolve("key")), InstantSource.system())) {
            for (int i = 0; i < 40; i++) {
                ledger.record(Events.numbered(i));
            }
            ledger.record(odd);
        }
        AuditSearch search = new AuditSearch(database);
        AuditQuery all = AuditQuery.newest(100);
        assertThat(search.find(all))
                .hasSize(41)
                .first()
                .extracting(AuditEntry::seq)
                .isEqualTo(40L);
        assertThat(seqs(search.find(all.withPatientId("PAT-3")))).containsExactly(33L, 23L, 13L, 3L);
        assertThat(seqs(search.find(all.withStudyUid("1.2.840.3")))).containsExactly(23L, 3L);
        assertThat(seqs(search.find(all.withUser("dr.who").withPatientId("PAT-3"))))
                .containsExactly(33L, 3L);
        assertThat(seqs(search.find(all.withType("AccessRefused")))).containsExactly(40L);
        assertThat(seqs(search.find(all.withOutcome(Outcome.SERIOUS_FAILURE)))).containsExactly(40L);
        assertThat(seqs(search.find(all.withTime(Events.AT.plusSeconds(5), Events.AT.plusSeconds(7)))))
                .containsExactly(6L, 5L);
        assertThat(seqs(search.find(AuditQuery.newest(2).withBefore(10L)))).containsExactly(9L, 8L);
        assertThat(seqs(search.job("job-7"))).containsExactly(7L, 27L);
        assertThat(search.entry(40).orElseThrow().parsed().event()).isEqualTo(odd);
        assertThat(search.entry(41)).isEmpty();
        StringBuilder csv = new StringBuilder();
        AuditSearch.writeCsv(search.find(all.withType("AccessRefused")), csv);
        assertThat(csv.toString())
                .startsWith(
                        "seq,at,type,outcome,jobId,studyUid,patientId,user,line\r\n\"40\",\"2026-11-23T10:32:10.123456Z\"")
                .contains("\"'=HYPERLINK(1)\"")
                .contains("a \\\"\"quoted\\\"\" reason")
                .endsWith("\"\r\n");
    }

    private static List<Long> seqs(List<AuditEntry> entries) {
        return entries.stream().map(AuditEntry::seq).toList();
    }
}
