package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.ledger.LineFields;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log for people. An entry can be found when it has its place, which takes a moment after its commit. Whoever lets people search
 * records an {@code AuditRead}. Safe for all threads; everything throws {@link AuditUnavailableException} when the database cannot be read.
 */
public final class AuditSearch {

    private static final String CSV_HEADER = "seq,at,type,outcome,jobId,studyUid,patientId,user,line\r\n";

    private final DataSource database;

    public AuditSearch(DataSource database) {
        this.database = database;
    }

    /** What fits, newest first. */
    public List<AuditEntry> find(AuditQuery query) {
        Conditions conditions = new Conditions();
        conditions.add("patient_id = ?", query.patientId());
        conditions.add("study_uid = ?", query.studyUid());
        conditions.add("user_name = ?", query.user());
        conditions.add("job_id = ?", query.jobId());
        conditions.add("type = ?", query.type());
        conditions.add(
                "outcome = ?", query.outcome() == null ? null : query.outcome().name());
        conditions.add(
                "happened_at >= ?", query.from() == null ? null : query.from().atOffset(ZoneOffset.UTC));
        conditions.add(
                "happened_at < ?", query.until() == null ? null : query.until().atOffset(ZoneOffset.UTC));
        conditions.add("seq < ?", query.before());
        return select(
                conditions.where() + " order by seq desc fetch first " + query.limit() + " rows only",
                conditions.values);
    }

    /** The life of one order, oldest first, at most {@value AuditQuery#LIMIT_MAX} entries. */
    public List<AuditEntry> job(String jobId) {
        return select(
                " where job_id = ? order by seq fetch first " + AuditQuery.LIMIT_MAX + " rows only", List.of(jobId));
    }

    public Optional<AuditEntry> entry(long seq) {
        return select(" where seq = ?", List.of(seq)).stream().findFirst();
    }

    /** Writes entries as their exact lines. */
    public static void writeNdjson(List<AuditEntry> entries, Appendable out) throws IOException {
        for (AuditEntry entry : entries) {
            out.append(entry.line()).append('\n');
        }
    }

    /** Writes entries as a table (RFC 4180). Cells that a spreadsheet would take for a formula begin with an apostrophe. */
    public static void writeCsv(List<AuditEntry> entries, Appendable out) throws IOException {
        out.append(CSV_HEADER);
        for (AuditEntry entry : entries) {
            LineFields fields = entry.fields();
            out.append(Stream.of(
                                    Long.toString(entry.seq()),
                                    fields.happenedAt().toString(),
                                    fields.type(),
                                    fields.outcome(),
                                    orEmpty(fields.jobId()),
                                    orEmpty(fields.studyUid()),
                                    orEmpty(fields.patientId()),
                                    orEmpty(fields.user()),
                                    entry.line())
                            .map(AuditSearch::cell)
                            .collect(Collectors.joining(",")))
                    .append("\r\n");
        }
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String cell(String text) {
        boolean formula = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0;
        return "\"" + (formula ? "'" : "") + text.replace("\"", "\"\"") + "\"";
    }

    private List<AuditEntry> select(String rest, List<Object> values) {
        try (Connection connection = database.getConnection();
                PreparedStatement select = connection.prepareStatement("select seq, line from audit_entry" + rest)) {
            for (int i = 0; i < values.size(); i++) {
                select.setObject(i + 1, values.get(i));
            }
            List<AuditEntry> entries = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    entries.add(new AuditEntry(rows.getLong(1), rows.getString(2)));
                }
            }
            return entries;
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot search the log", e);
        }
    }

    private static final class Conditions {
        private final List<String> sql = new ArrayList<>();
        private final List<Object> values = new ArrayList<>();

        void add(String condition, @Nullable Object value) {
            if (value != null) {
                sql.add(condition);
                values.add(value);
            }
        }

        String where() {
            return sql.isEmpty() ? "" : " where " + String.join(" and ", sql);
        }
    }
}
